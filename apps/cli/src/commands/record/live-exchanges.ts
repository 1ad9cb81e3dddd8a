import type { ExchangeNotice } from '@keploy-framework/recorder'

import type { CliIo } from '../../cli/io.ts'
import { printable, printableLine } from '../../cli/printable.ts'

/** Shows what is recorded while it happens: one line that is written over on a terminal, plain lines elsewhere. */
export function liveExchanges(
  io: CliIo,
  options: { quiet: boolean },
): { exchange(notice: ExchangeNotice): void; gap(reason: string): void; end(): void } {
  const { stderr } = io
  const inPlace = stderr.isTTY === true
  let tests = 0
  let shownAt = 0
  const told = new Set<string>()
  const clear = () => {
    if (inPlace && shownAt > 0) stderr.write('\r\u001b[K')
  }
  return {
    exchange(notice) {
      if (notice.skipped === undefined) tests++
      if (options.quiet) return
      if (!inPlace) {
        // A busy service would fill a log; its first exchanges are enough to see that traffic arrives.
        if (tests <= 20 && notice.skipped === undefined) stderr.write(`  ${line(notice)}\n`)
        return
      }
      const now = performance.now()
      if (now - shownAt < 50 && shownAt > 0) return
      shownAt = now
      // Room is left for the ^C that a terminal shows: a line that wraps could not be cleared.
      stderr.write(`\r\u001b[K${`  ${tests} tests · ${line(notice)}`.slice(0, (stderr.columns ?? 80) - 3)}`)
    },
    gap(reason) {
      // Each reason once: a service that is down would repeat it for every request.
      if (told.has(reason) || told.size === 20) return
      told.add(reason)
      clear()
      stderr.write(`warning: ${printableLine(reason)}\n`)
    },
    end: clear,
  }
}

function line({ method, path, status, durationMs }: ExchangeNotice): string {
  return `${status} ${method} ${printable(path)} ${durationMs.toFixed(0)} ms`
}
