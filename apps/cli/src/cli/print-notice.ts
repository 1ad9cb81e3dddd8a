import type { RunEvent } from '@keploy-framework/format'

import type { CliIo } from './io.ts'
import { printable } from './printable.ts'

/** Writes a warning or an error of a run to standard error; other events are none of its business. */
export function printNotice(event: RunEvent, io: CliIo): void {
  if (event.type !== 'notice' || event.level === 'info') return
  io.stderr.write(`${event.level}: ${printable(event.message)} [${event.code}]\n`)
}
