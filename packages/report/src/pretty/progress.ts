import type { RunEvent } from '@keploy-framework/format'

import type { OutputStream } from '../options.ts'
import { count, plural } from '../text/numbers.ts'
import { visible } from '../text/visible.ts'
import { truncate } from '../text/width.ts'

const LIVE_EVERY_MS = 80
const PLAIN_EVERY_MS = 10_000

/** Shows how far a long run is, on standard error. */
export interface Progress {
  onEvent(event: RunEvent): void
  /** Takes the live line away, before something else is printed. */
  clear(): void
}

/** On a terminal a line that overwrites itself; elsewhere a plain line every ten seconds while tests run. */
export function createProgress(stream: OutputStream, options: { live: boolean; width: number }): Progress {
  let total = 0
  let done = 0
  let failed = 0
  let last = 0
  let begun = false
  let drawn = false
  const clear = () => {
    if (drawn) stream.write('\r\u001b[2K')
    drawn = false
  }
  const draw = (at: number, current: string) => {
    if (at - last < (options.live ? LIVE_EVERY_MS : PLAIN_EVERY_MS)) return
    // The last line would only say what the summary says.
    if (!options.live && done === total) return
    last = at
    const text = `${count(done)} of ${plural(total, 'test')}, ${count(failed)} failed`
    if (!options.live) {
      stream.write(`${text}\n`)
      return
    }
    clear()
    stream.write(truncate(`${text}  ${visible(current)}`, options.width - 1))
    drawn = true
  }
  return {
    clear,
    onEvent(event) {
      if (event.type === 'run-started') total = event.sets.reduce((sum, set) => sum + set.tests, 0)
      else if (event.type === 'test-started') {
        // The start of the service is no progress: the ten seconds begin with the first test.
        if (!begun && !options.live) last = event.at
        begun = true
        if (options.live) draw(event.at, `${event.set}/${event.test}`)
      } else if (event.type === 'test-finished') {
        done += 1
        if (event.result.status === 'failed' || event.result.status === 'blocked') failed += 1
        if (begun) draw(event.at, `${event.result.set}/${event.result.name}`)
      }
    },
  }
}
