import { commonOptions } from './command.ts'
import type { Command, OptionSpec, OptionTable } from './command.ts'

const WIDTH = 80

/** The help text of one command, at most 80 columns wide. */
export function commandHelp(name: string, command: Command): string {
  const parts = [
    `Usage: keploy-framework ${name} ${command.usage}`.trimEnd(),
    wrap(command.description, 0),
    section('Options', command.options),
    section('Common options', commonOptions),
  ]
  if (command.examples?.length) parts.push(['Examples:', ...command.examples.map((line) => `  ${line}`)].join('\n'))
  return parts.filter((part) => part !== '').join('\n\n') + '\n'
}

/** The help text of the umbrella command. */
export function overview(commands: readonly { name: string; summary: string }[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 4
  return [
    `keploy-framework ${version}: record the real traffic of an API, replay it as tests.`,
    'Usage: keploy-framework COMMAND [OPTIONS] [-- SERVICE COMMAND…]',
    ['Commands:', ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`)].join('\n'),
    'Run "keploy-framework COMMAND --help" for the options of a command, and\n"keploy-framework --version" for the version.',
    'keploy-setup, keploy-record and keploy-test are short for the commands of that\nname.',
  ]
    .join('\n\n')
    .concat('\n')
}

function section(title: string, table: OptionTable): string {
  const names = Object.keys(table)
  if (names.length === 0) return ''
  return [`${title}:`, ...names.map((name) => optionLine(name, table[name]!))].join('\n')
}

function optionLine(name: string, spec: OptionSpec): string {
  const value = spec.type === 'boolean' ? '' : ` ${spec.value ?? 'VALUE'}`
  const shown = spec.onByDefault ? `no-${name}` : name
  const left = `  ${spec.short ? `-${spec.short}, ` : '    '}--${shown}${value}`
  const choices = spec.choices ? ` One of: ${spec.choices.join(', ')}.` : ''
  const text = wrap(spec.description + choices, 30)
  return left.length < 29 ? left.padEnd(30) + text.trimStart() : `${left}\n${text}`
}

function wrap(text: string, indent: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  lines.push(line)
  return lines.map((each) => ' '.repeat(indent) + each).join('\n')
}
