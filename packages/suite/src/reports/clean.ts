import { stripVTControlCharacters } from 'node:util'

import { MESSAGE_LIMIT } from '../defaults.ts'

/** The name of a test on one line, without colours; the same test has the same name on every terminal. */
export function cleanName(name: string): string {
  const plain = stripVTControlCharacters(name).replaceAll(/\s+/g, ' ').trim()
  return plain === '' ? '(no name)' : plain.slice(0, 1_000)
}

const FOREIGN_FRAME = /^\s+at (?:.*(?:node:|[/\\]node_modules[/\\])|new Promise \(<anonymous>\))/

/** A message without colours, without frames of the stack that lie in Node or in a dependency, and cut. */
export function cleanMessage(message: string): string {
  const lines = stripVTControlCharacters(message).split(/\r?\n/)
  const plain = lines
    .filter((line) => !FOREIGN_FRAME.test(line))
    .join('\n')
    .trim()
  return plain.length <= MESSAGE_LIMIT
    ? plain
    : `${plain.slice(0, MESSAGE_LIMIT)}\n… (${plain.length - MESSAGE_LIMIT} more characters)`
}
