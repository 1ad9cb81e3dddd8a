import type { RecordedCall } from '@keploy-framework/match'
import type { MissedCall } from '@keploy-framework/runner'

import type { CliIo } from '../../cli/io.ts'
import { printableLine } from '../../cli/printable.ts'

/** Misses that are shown one by one; a loop must not fill the terminal. */
const SHOWN = 20

/** Prints calls that had no answer as they come. */
export function shownMisses(io: CliIo): { add(miss: MissedCall): void } {
  let count = 0
  return {
    add({ message }) {
      count += 1
      if (count <= SHOWN) io.stderr.write(`error: ${printableLine(message)} [KEPLOY_MOCK_MISSED]\n`)
      else if (count === SHOWN + 1) io.stderr.write('More calls without an answer follow; they are counted.\n')
    },
  }
}

export function callsSummary(served: number, missed: number, unused: number): string {
  return `Mocks: ${served} served, ${missed} missed, ${unused} unused\n`
}

export function shownUnused(unused: readonly RecordedCall[], io: CliIo, strict: boolean): void {
  if (!strict) return
  for (const call of unused.slice(0, SHOWN)) {
    io.stderr.write(
      `error: ${printableLine(`${call.name} (${call.dependency} ${call.operation})`)} was not asked for [KEPLOY_MOCK_UNUSED]\n`,
    )
  }
  if (unused.length > SHOWN) io.stderr.write(`and ${unused.length - SHOWN} more\n`)
}
