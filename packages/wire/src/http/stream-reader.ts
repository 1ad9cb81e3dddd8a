import { createHash } from 'node:crypto'

import type { CapturedBody, StreamItem } from '@keploy-framework/format'

import { contentCodings } from '../content/decode.ts'
import { StreamDecoder } from '../content/stream-decoder.ts'
import { LineParser } from '../ndjson/parse-lines.ts'
import { EventParser } from '../sse/parse-events.ts'

/** Reads the items out of a streamed response as they come. */
export interface StreamReader {
  readonly kind: 'sse' | 'ndjson' | 'websocket'
  /** The items so far, up to the stream limit; all of them were told as they came. */
  readonly items: StreamItem[]
  /** What stands for the body: empty, and marked as omitted when items were lost. */
  body(): CapturedBody
}

/** Keeps items for the end, up to a limit in bytes. */
export class ItemStore {
  readonly items: StreamItem[] = []
  readonly #limit: number
  #size = 0
  #full = false

  constructor(limit: number) {
    this.#limit = limit
  }

  add(items: readonly StreamItem[], size: number): void {
    this.#size += size
    if (this.#size > this.#limit) this.#full = true
    if (!this.#full) for (const item of items) this.items.push(item)
  }
}

/** The kind of stream that a content type announces. */
export function streamKind(contentType: string | undefined): 'sse' | 'ndjson' | undefined {
  if (contentType === undefined) return undefined
  const semicolon = contentType.indexOf(';')
  const type = (semicolon === -1 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
  if (type === 'text/event-stream') return 'sse'
  if (type === 'application/x-ndjson' || type === 'application/ndjson' || type === 'application/jsonl') return 'ndjson'
  return undefined
}

/** Server-sent events or NDJSON lines out of the bytes of one response body. */
export class BodyStreamReader implements StreamReader {
  readonly kind: 'sse' | 'ndjson'
  readonly #store: ItemStore
  readonly #sse: EventParser | undefined
  readonly #lines: LineParser | undefined
  readonly #decoder: StreamDecoder | undefined
  readonly #encoding: string | undefined
  readonly #hash = createHash('sha256')
  #wireSize = 0
  /** Why items are missing; told once, by `takeProblem`. */
  #problem: string | undefined = undefined
  #lost: 'limit' | 'decode' | undefined = undefined

  constructor(kind: 'sse' | 'ndjson', encoding: string | undefined, options: { limit: number; streamLimit: number }) {
    this.kind = kind
    this.#store = new ItemStore(options.streamLimit)
    this.#sse = kind === 'sse' ? new EventParser({ limit: options.limit }) : undefined
    this.#lines = kind === 'ndjson' ? new LineParser({ limit: options.limit }) : undefined
    const codings = contentCodings(encoding)
    this.#encoding = codings.length === 0 ? undefined : codings.join(', ')
    this.#decoder = this.#encoding === undefined ? undefined : new StreamDecoder(this.#encoding, options.limit * 8)
  }

  get items(): StreamItem[] {
    return this.#store.items
  }

  takeProblem(): string | undefined {
    const problem = this.#problem
    this.#problem = undefined
    return problem
  }

  push(chunk: Buffer, at: number): StreamItem[] {
    this.#wireSize += chunk.length
    this.#hash.update(chunk)
    if (this.#lost !== undefined) return []
    const bytes = this.#decoder === undefined ? chunk : this.#decoder.push(chunk)
    if (bytes === undefined) {
      this.#lose('decode', `the stream is not valid ${this.#encoding}`)
      return []
    }
    return this.#items(this.#sse?.push(bytes), this.#lines?.push(bytes), bytes.length, at)
  }

  end(at: number): StreamItem[] {
    this.#decoder?.close()
    return this.#lost === undefined ? this.#items(this.#sse?.end(), this.#lines?.end(), 0, at) : []
  }

  body(): CapturedBody {
    const base = { bytes: Buffer.alloc(0), wireSize: this.#wireSize }
    if (this.#lost !== undefined) {
      const omitted = { reason: this.#lost, sha256: this.#hash.copy().digest('hex'), size: this.#wireSize }
      return { ...base, omitted }
    }
    return this.#encoding === undefined ? base : { ...base, encoding: this.#encoding }
  }

  #lose(reason: 'limit' | 'decode', problem: string): void {
    this.#lost = reason
    this.#problem = problem
  }

  #items(
    events: readonly StreamItemData[] | undefined,
    lines: readonly string[] | undefined,
    size: number,
    at: number,
  ): StreamItem[] {
    const items: StreamItem[] = []
    for (const event of events ?? []) items.push({ at, from: 'server', data: { type: 'sse', ...event } })
    for (const line of lines ?? []) items.push({ at, from: 'server', data: { type: 'ndjson', line } })
    this.#store.add(items, size)
    if (this.#sse?.overflowed === true || this.#lines?.overflowed === true) {
      this.#lose('limit', `one item of the ${this.kind} stream is larger than the limit`)
    }
    return items
  }
}

type StreamItemData = ReturnType<EventParser['push']>[number]
