import type { StreamItem, TestCase } from '@keploy-framework/format'
import { EventParser, LineParser, type ServerSentEvent } from '@keploy-framework/wire'

import { defaults } from '../defaults.ts'
import type { StreamWatcher } from './collector.ts'

/**
 * Reads a recorded stream's live counterpart item by item. A stream may never end: when as many items have come as
 * were recorded, it is watched as long as the recording stayed open after its last item, plus a moment, so that an item
 * too many is seen; then it is cut.
 */
export class StreamReader {
  readonly items: StreamItem[] = []
  readonly #wanted: number
  readonly #settleMs: number
  readonly #parse: (chunk: Uint8Array) => StreamItem['data'][]
  readonly #end: () => StreamItem['data'][]
  #timer: NodeJS.Timeout | undefined

  private constructor(kind: 'sse' | 'ndjson', wanted: number, settleMs: number) {
    this.#wanted = wanted
    this.#settleMs = settleMs
    if (kind === 'sse') {
      const parser = new EventParser()
      this.#parse = (chunk) => parser.push(chunk).map(sseData)
      this.#end = () => parser.end().map(sseData)
    } else {
      const parser = new LineParser()
      this.#parse = (chunk) => parser.push(chunk).map((line) => ({ type: 'ndjson', line }))
      this.#end = () => parser.end().map((line) => ({ type: 'ndjson', line }))
    }
  }

  /** A reader when the test expects a stream of items; `undefined` for every other response. */
  static for(test: TestCase, settleMs: number = defaults.streamSettleMs): StreamReader | undefined {
    const { body, timestamp } = test.response
    if (body.type !== 'stream' || body.kind === 'raw') return undefined
    const last = body.items.at(-1)
    const tail = last === undefined || timestamp === 0 ? 0 : Math.max(0, timestamp - last.at)
    return new StreamReader(body.kind, body.items.length, tail + settleMs)
  }

  readonly watch: StreamWatcher = (chunk, enough) => {
    this.#take(this.#parse(chunk))
    if (this.items.length > this.#wanted) enough()
    else if (this.items.length === this.#wanted) this.#timer ??= setTimeout(enough, this.#settleMs)
  }

  /** The response is over, by itself or because it was cut. */
  finish(cut: boolean): StreamItem[] {
    clearTimeout(this.#timer)
    if (!cut) this.#take(this.#end())
    return this.items
  }

  #take(found: StreamItem['data'][]): void {
    const at = Date.now()
    for (const data of found) this.items.push({ at, from: 'server', data })
  }
}

function sseData(event: ServerSentEvent): StreamItem['data'] {
  return Object.assign(event, { type: 'sse' as const })
}
