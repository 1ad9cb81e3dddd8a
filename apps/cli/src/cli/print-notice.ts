import type { RunEvent } from '@keploy-framework/format'

import type { CliIo } from './io.ts'
import { printable } from './printable.ts'

/**
 * Writes a warning or an error of a run to standard error; other events are none of its business. Lines after the first
 * stand behind a bar: what a service printed, or a name in a recording, must not begin a line as a command of a CI system does.
 */
export function printNotice(event: RunEvent, io: CliIo): void {
  if (event.type !== 'notice' || event.level === 'info') return
  const [first = '', ...rest] = printable(event.message).split('\n')
  const more = rest.map((line) => `  │ ${line}\n`).join('')
  io.stderr.write(`${event.level}: ${first} [${event.code}]\n${more}`)
}
