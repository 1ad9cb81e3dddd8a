import { parseArgs } from 'node:util'

import { CliError } from './cli-error.ts'
import type { OptionSpec, OptionTable } from './command.ts'
import { parseDuration } from './duration.ts'
import { suggest } from './suggest.ts'

export interface ParsedArgs {
  readonly options: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
  readonly rest: readonly string[]
}

/**
 * Reads the words of a command line by a table of options. What stands after `--` is passed on untouched.
 *
 * @throws {CliError} for an unknown option, a missing or unreadable value, or too many words.
 */
export function parseCommandLine(
  words: readonly string[],
  table: OptionTable,
  options: { maxPositionals?: number } = {},
): ParsedArgs {
  const end = words.indexOf('--')
  const own = end === -1 ? words : words.slice(0, end)
  const rest = end === -1 ? [] : words.slice(end + 1)
  const { tokens } = parseArgs({
    args: [...own],
    options: Object.fromEntries(
      Object.entries(table).map(([name, spec]) => [
        name,
        {
          type: spec.type === 'boolean' ? ('boolean' as const) : ('string' as const),
          ...(spec.short ? { short: spec.short } : {}),
        },
      ]),
    ),
    strict: false,
    allowNegative: true,
    allowPositionals: true,
    tokens: true,
  })
  const values: Record<string, unknown> = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const written = token.rawName.replace(/^-+/, '')
    const negated = written.startsWith('no-') && !Object.hasOwn(table, written)
    const name = written.length === 1 ? token.name : negated ? written.slice(3) : written
    const spec = Object.hasOwn(table, name) ? table[name] : undefined
    if (!spec || (negated && spec.type !== 'boolean')) throw unknownOption(token.rawName, table)
    values[name] = readValue(token.rawName, spec, token.value, values[name], negated)
  }
  const allowed = options.maxPositionals ?? 0
  if (positionals.length > allowed) {
    throw new CliError('KEPLOY_USAGE', `Did not expect "${positionals[allowed]}" here.`, {
      hint: 'A command to run stands behind --, for example: -- npm start',
    })
  }
  return { options: values, positionals, rest }
}

function unknownOption(written: string, table: OptionTable): CliError {
  const names = Object.keys(table).flatMap((name) =>
    table[name]?.type === 'boolean' ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  )
  const close = suggest(written, names)
  return new CliError('KEPLOY_UNKNOWN_OPTION', `There is no option ${written}.`, {
    hint: close ? `Did you mean ${close}?` : 'Run the command with --help to see its options.',
  })
}

function readValue(
  written: string,
  spec: OptionSpec,
  value: string | undefined,
  earlier: unknown,
  negated: boolean,
): unknown {
  if (spec.type === 'boolean') {
    if (value !== undefined) throw bad(written, `takes no value, and got "${value}"`)
    return !negated
  }
  if (value === undefined || value === '') throw bad(written, `needs a value${spec.value ? ` (${spec.value})` : ''}`)
  if (spec.type === 'list') {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
    for (const item of items) checkChoice(written, spec, item)
    return [...((earlier as string[] | undefined) ?? []), ...items]
  }
  if (spec.type === 'string') {
    checkChoice(written, spec, value)
    return value
  }
  return readNumber(written, spec, value)
}

function readNumber(written: string, spec: OptionSpec, value: string): number {
  if (spec.type === 'duration') {
    const duration = parseDuration(value)
    if (duration === undefined) throw bad(written, `is a duration such as 30s, 2m or 500ms, and got "${value}"`)
    return duration
  }
  const number = spec.type === 'ratio' && value.endsWith('%') ? Number(value.slice(0, -1)) / 100 : Number(value)
  const min = spec.min ?? 0
  const max = spec.max ?? (spec.type === 'ratio' ? 1 : Number.MAX_SAFE_INTEGER)
  const whole = spec.type !== 'integer' || Number.isInteger(number)
  if (Number.isNaN(number) || !whole || number < min || number > max) {
    const kind = spec.type === 'integer' ? 'a whole number' : 'a number'
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
    throw bad(written, `is ${kind} ${range}, and got "${value}"`)
  }
  return number
}

function checkChoice(written: string, spec: OptionSpec, value: string): void {
  if (!spec.choices || spec.choices.includes(value)) return
  const close = suggest(value, spec.choices)
  const hint = close ? `Did you mean ${close}?` : undefined
  throw bad(written, `is one of ${spec.choices.join(', ')}, and got "${value}"`, hint)
}

function bad(written: string, problem: string, hint?: string): CliError {
  return new CliError('KEPLOY_BAD_OPTION', `${written} ${problem}.`, hint === undefined ? {} : { hint })
}
