import type { Value } from '@keploy-framework/format'

import { ByteQueue } from '../../protocol/byte-queue.ts'
import type { MockServer, MockServerOptions } from '../../protocol/mock-server.ts'
import { bytesOf, textOrBytes } from '../../protocol/value.ts'
import { readRequest, writeFrame, writeResponse, type KafkaRequest } from '../message.ts'
import { apis } from '../schemas/apis.ts'
import type { Tree } from '../struct.ts'
import { offered } from './cluster-handlers.ts'
import type { LiveRequest, ServerContext } from './context.ts'
import { handlers } from './handlers.ts'
import { Login } from './login.ts'
import { plain } from './plain-handler.ts'
import { stateOf } from './replay-state.ts'

const MESSAGE_LIMIT = 128 * 1024 * 1024
const UNSUPPORTED_VERSION = 35

/** Plays a cluster of one broker. Requests of a connection are answered one after the other, as a broker does. */
export class KafkaMockServer implements MockServer {
  readonly #context: ServerContext
  readonly #login: Login
  readonly #queue = new ByteQueue()
  readonly #cancels = new Set<() => void>()
  #busy = false
  #closed = false

  constructor(options: MockServerOptions) {
    this.#login = new Login(options)
    this.#context = {
      options: { ...options, schedule: this.#schedule.bind(this, options) },
      state: stateOf(options),
      connection: this,
    }
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#queue.push(chunk)
    this.#next()
  }

  end(): void {
    if (this.#closed) return
    this.#context.options.close('end')
    this.close()
  }

  deliver(_message: Value): void {
    // A broker never speaks by itself.
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const group of this.#context.state.groups.values()) group.disconnected(this)
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
    this.#queue.takeAll()
  }

  #next(): void {
    while (!this.#busy && !this.#closed) {
      const length = this.#queue.peek(4)?.readInt32BE()
      if (length === undefined) return
      if (length < 8 || length > MESSAGE_LIMIT) {
        this.#refuse()
        return
      }
      if (this.#queue.length < length + 4) return
      this.#queue.skip(4)
      const request = readRequest(this.#queue.take(length) ?? Buffer.alloc(0))
      if (request === undefined) this.#refuse()
      else this.#answer(request)
    }
  }

  #answer(request: KafkaRequest): void {
    const { schema, version, correlationId, clientId, body, key } = request
    if (schema === undefined || body === undefined) {
      this.#unknown(request)
      return
    }
    this.#busy = true
    let now = true
    const live: LiveRequest = { schema, version, clientId, body }
    const reply = (answer: Tree | undefined): void => {
      if (answer !== undefined && !this.#closed)
        this.#context.options.send(writeResponse(schema, version, correlationId, answer))
      this.#busy = false
      // While this request is being handled the loop goes on by itself.
      if (!now) this.#next()
    }
    if (key === 17) reply(this.#login.handshake(live))
    else if (key === 36) reply(this.#login.authenticate(live))
    else (handlers.get(schema.name) ?? plain)(this.#context, live, reply)
    now = false
  }

  /** An API or a version that is not known is answered by its bytes, when it was recorded with the same ones. */
  #unknown({ key, version, correlationId, bytes }: KafkaRequest): void {
    const { options } = this.#context
    const known = apis.get(key)
    if (key === 18 && known !== undefined) {
      const apiKeys = offered(options.recorded('ApiVersions').map(({ response }) => response))
      options.send(writeResponse(known, 0, correlationId, { errorCode: UNSUPPORTED_VERSION, apiKeys }))
      return
    }
    const operation = `api ${key}`
    const request = { api: operation, version, body: textOrBytes(bytes) }
    const answer = options.answer({ operation, request, lifetime: 'test' })
    const response = answer.type === 'answer' ? answer.response : undefined
    // There is no error that every version of every API can carry; a broker closes the connection, too.
    if (typeof response === 'string' || response instanceof Uint8Array)
      options.send(writeFrame(correlationId, bytesOf(response)))
    else this.#refuse()
  }

  #refuse(): void {
    this.#context.options.close('end')
    this.close()
  }

  #schedule(options: MockServerOptions, delayMs: number, run: () => void): () => void {
    const cancel = options.schedule(delayMs, () => {
      this.#cancels.delete(cancel)
      run()
    })
    this.#cancels.add(cancel)
    return () => {
      this.#cancels.delete(cancel)
      cancel()
    }
  }
}
