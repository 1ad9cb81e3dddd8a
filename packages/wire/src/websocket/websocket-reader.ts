import type { CapturedBody, HeaderList, StreamItem } from '@keploy-framework/format'

import { ItemStore } from '../http/stream-reader.ts'
import type { StreamReader } from '../http/stream-reader.ts'
import { WebSocketParser } from './parse-messages.ts'

/** Reads both directions of a WebSocket connection after its upgrade. */
export class WebSocketReader implements StreamReader {
  readonly kind = 'websocket'
  readonly #store: ItemStore
  readonly #client: WebSocketParser
  readonly #server: WebSocketParser
  #wireSize = 0
  #lost = 0
  #told: { client: boolean; server: boolean } = { client: false, server: false }

  /** `headers` are those of the response: they say which extensions were agreed on. */
  constructor(headers: HeaderList, options: { limit: number; streamLimit: number }) {
    const extensions = headers.filter(([name]) => name.toLowerCase() === 'sec-websocket-extensions')
    const agreed = extensions.map(([, value]) => value.toLowerCase()).join(',')
    const deflate = agreed.includes('permessage-deflate')
    const { limit } = options
    this.#store = new ItemStore(options.streamLimit)
    this.#client = new WebSocketParser({
      limit,
      deflate,
      noContextTakeover: agreed.includes('client_no_context_takeover'),
    })
    this.#server = new WebSocketParser({
      limit,
      deflate,
      noContextTakeover: agreed.includes('server_no_context_takeover'),
    })
  }

  get items(): StreamItem[] {
    return this.#store.items
  }

  push(from: 'client' | 'server', chunk: Buffer, at: number): StreamItem[] {
    this.#wireSize += chunk.length
    const parser = from === 'client' ? this.#client : this.#server
    const items = parser.push(chunk).map((data): StreamItem => ({ at, from, data }))
    this.#store.add(items, chunk.length)
    return items
  }

  /** Why items of this side are missing; each reason is told once. */
  takeProblem(from: 'client' | 'server'): string | undefined {
    const parser = from === 'client' ? this.#client : this.#server
    if (parser.tooLarge > 0) {
      this.#lost += parser.tooLarge
      parser.tooLarge = 0
      return 'a WebSocket message is larger than the limit'
    }
    if (parser.problem === undefined || this.#told[from]) return undefined
    this.#told[from] = true
    this.#lost += 1
    return parser.problem
  }

  close(): void {
    this.#client.close()
    this.#server.close()
  }

  body(): CapturedBody {
    const base = { bytes: Buffer.alloc(0), wireSize: this.#wireSize }
    if (this.#lost === 0) return base
    // Two directions have no one digest.
    return { ...base, omitted: { reason: 'limit', sha256: '', size: this.#wireSize } }
  }
}
