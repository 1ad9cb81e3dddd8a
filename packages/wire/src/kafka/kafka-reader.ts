import type { CallLifetime, Value } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import { ByteQueue } from '../protocol/byte-queue.ts'
import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { textOrBytes } from '../protocol/value.ts'
import { lifetimeOf, secretKeys, silentKeys } from './calls/call-rules.ts'
import { FetchPositions } from './calls/fetch-calls.ts'
import { callTree, saslUser } from './calls/plain-call.ts'
import { producedAnswer, producedRecords } from './calls/produce-calls.ts'
import { learnTopics } from './calls/topic-names.ts'
import { readRequest, readResponse, type KafkaRequest } from './message.ts'
import { textOf, type Tree } from './struct.ts'

const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024
/** Requests that may wait for their answers. */
const PENDING_LIMIT = 10_000

interface OpenCall {
  readonly id: number
  readonly operation: string
  readonly request: Value
  readonly lifetime: CallLifetime
  /** What of the answer belongs to this call. */
  readonly answer: (body: Tree) => Value | undefined
}

interface Pending {
  readonly request: KafkaRequest
  readonly startedAt: number
  readonly calls: readonly OpenCall[]
}

/** Reads a connection with a Kafka broker, in plain text. */
export class KafkaReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #limit: number
  readonly #queues = { client: new ByteQueue(), server: new ByteQueue() }
  readonly #positions = new FetchPositions()
  #pending: Pending[] = []
  #mechanism: string | undefined
  #over = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
    this.#limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void {
    if (this.#over) return
    const queue = this.#queues[from]
    queue.push(chunk)
    while (!this.#over) {
      const length = queue.peek(4)?.readInt32BE()
      if (length === undefined) return
      if (length < 4 || length > this.#limit) {
        this.#gap(from, `a message of ${length} bytes is not read`, at)
        return
      }
      if (queue.length < length + 4) return
      queue.skip(4)
      const frame = queue.take(length)
      if (frame === undefined) return
      if (from === 'client') this.#request(frame, at)
      else this.#response(frame, at)
    }
  }

  end(from: 'client' | 'server', at: number): void {
    if (from === 'server') this.#finish('aborted', at)
  }

  abort(at: number): void {
    this.#finish('aborted', at)
    this.#over = true
  }

  stop(at: number): void {
    this.#finish('open', at)
    this.#over = true
  }

  #request(frame: Buffer, at: number): void {
    const request = readRequest(frame)
    if (request === undefined) {
      this.#gap('client', 'a request has no header of Kafka', at)
      return
    }
    if (this.#pending.length >= PENDING_LIMIT) {
      this.#gap('client', `more than ${PENDING_LIMIT} requests wait for an answer`, at)
      return
    }
    if (request.key === 17 && request.version === 0) {
      this.#gap('client', 'tokens of SASL follow without headers (SaslHandshake version 0)', at)
      return
    }
    if (request.schema?.name === 'Fetch' && request.body !== undefined) this.#positions.asked(request.body)
    const calls = this.#callsOf(request).map((call) => ({ ...call, id: this.#options.nextId() }))
    for (const { id } of calls) this.#emit({ type: 'open', id, at })
    const pending = { request, startedAt: at, calls }
    if (request.schema?.name === 'Produce' && request.body?.['acks'] === 0) {
      for (const call of calls) this.#tell(pending, call, 'complete', at)
    } else this.#pending.push(pending)
  }

  #callsOf(request: KafkaRequest): readonly Omit<OpenCall, 'id'>[] {
    if (silentKeys.has(request.key)) return []
    const { schema, body } = request
    if (schema === undefined || body === undefined) return [opaque(request)]
    const operation = schema.name
    if (operation === 'Fetch') return []
    if (operation === 'Produce') {
      try {
        return producedRecords(body).map((record) => ({
          operation,
          request: record.request,
          lifetime: 'test',
          answer: (response) => producedAnswer(record, response),
        }))
      } catch {
        return [opaque(request)]
      }
    }
    if (operation === 'SaslHandshake') this.#mechanism = textOf(body['mechanism'])
    return [
      {
        operation,
        request: { api: operation, ...(operation === 'SaslAuthenticate' ? this.#login(body) : callTree(body)) },
        lifetime: lifetimeOf(operation),
        answer: (response) =>
          operation === 'SaslAuthenticate' ? { errorCode: response['errorCode'] ?? 0 } : callTree(response),
      },
    ]
  }

  #login(body: Tree): Tree {
    const username = saslUser(this.#mechanism, body['authBytes'])
    return { mechanism: this.#mechanism ?? null, ...(username !== undefined && { username }) }
  }

  #response(frame: Buffer, at: number): void {
    const pending = this.#pending[0]
    if (pending === undefined || frame.readInt32BE() !== pending.request.correlationId) {
      this.#gap('server', 'an answer does not belong to the request that waits', at)
      return
    }
    this.#pending.shift()
    const { request, calls } = pending
    const bytes = frame.subarray(4)
    const answer = request.schema === undefined ? undefined : readResponse(request.schema, request.version, bytes)
    if (request.schema?.name === 'Metadata' && answer !== undefined) learnTopics(answer.body)
    if (request.schema?.name === 'Fetch' && answer !== undefined) this.#fetched(request, answer.body, at)
    for (const call of calls) {
      const unread = request.body === undefined || call.operation.startsWith('api ')
      const response = unread || answer === undefined ? textOrBytes(bytes) : call.answer(answer.body)
      this.#tell(pending, call, 'complete', at, unread && secretKeys.has(request.key) ? undefined : response)
    }
  }

  #fetched(request: KafkaRequest, body: Tree, at: number): void {
    try {
      for (const { request: asked, response } of this.#positions.answered(
        body,
        request.body?.['isolationLevel'] === 1,
      )) {
        const id = this.#options.nextId()
        this.#emit({ type: 'open', id, at })
        const call = { id, operation: 'Fetch', request: asked, lifetime: 'test', answer: () => undefined } as const
        this.#tell({ request, startedAt: at, calls: [] }, call, 'complete', at, response)
      }
    } catch {
      this.#gap('server', 'records could not be read', at)
    }
  }

  #tell(pending: Pending, call: OpenCall, state: 'complete' | 'open' | 'aborted', at: number, response?: Value): void {
    this.#emit({
      type: 'call',
      call: {
        protocol: 'kafka',
        id: call.id,
        connection: this.#options.connection,
        operation: call.operation,
        request: call.request,
        ...(response !== undefined && { response }),
        lifetime: call.lifetime,
        state,
        startedAt: pending.startedAt,
        endedAt: at,
      },
    })
  }

  #finish(state: 'open' | 'aborted', at: number): void {
    const waiting = this.#pending
    this.#pending = []
    for (const pending of waiting) for (const call of pending.calls) this.#tell(pending, call, state, at)
  }

  #gap(from: 'client' | 'server', reason: string, at: number): void {
    if (this.#over) return
    this.#finish('aborted', at)
    this.#over = true
    this.#queues.client.takeAll()
    this.#queues.server.takeAll()
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason, at })
  }
}

/** A request of an API or a version that is not known: its bytes. Where they hold credentials, not even these are kept. */
function opaque(request: KafkaRequest): Omit<OpenCall, 'id'> {
  const operation = `api ${request.key}`
  const secret = secretKeys.has(request.key)
  return {
    operation,
    request: { api: operation, version: request.version, ...(!secret && { body: textOrBytes(request.bytes) }) },
    lifetime: request.key === 36 ? 'connection' : 'test',
    answer: () => undefined,
  }
}
