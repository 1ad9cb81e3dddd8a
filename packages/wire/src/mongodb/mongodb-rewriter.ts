import { ByteQueue } from '../protocol/byte-queue.ts'
import type { RelayRewriter, RelayStep, RewriterOptions } from '../protocol/rewriter.ts'
import { commandOf, isHello } from './command.ts'
import { moveAddresses } from './hello.ts'
import { FLAGS, type Message } from './message.ts'
import { HEADER_LENGTH, readHeader, readMessage } from './read-message.ts'
import { writeMessage } from './write-message.ts'

/** Greetings are short; what is longer is none. */
const GREETING_LIMIT = 1024 * 1024
const NOTHING: readonly RelayStep[] = []

/**
 * Puts the addresses of relays in place of those of a replica set, which servers name in their answers to `hello` and
 * drivers connect to. All other messages go on as they came, in the chunks in which they came.
 */
export class MongodbRewriter implements RelayRewriter {
  readonly #options: RewriterOptions
  readonly #client = new ByteQueue()
  readonly #server = new ByteQueue()
  /** Bytes that still belong to a message which goes on as it came. */
  #passing = { client: 0, server: 0 }
  /** Numbers that answers to greetings will refer to. */
  readonly #greetings = new Set<number>()
  #over = false

  constructor(options: RewriterOptions) {
    this.#options = options
  }

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    const steps: readonly RelayStep[] = [{ type: 'forward', bytes: chunk }]
    if (this.#over) return steps
    // Only looked at: all of it goes on at once.
    this.#client.push(chunk)
    for (;;) {
      const message = this.#next('client', this.#client)
      if (message === undefined) return steps
      if (message.read === undefined) continue
      const command = commandOf(message.read.body)
      if (command !== undefined && isHello(command.command)) this.#greetings.add(message.read.requestId)
    }
  }

  async fromServer(chunk: Uint8Array): Promise<readonly RelayStep[]> {
    if (this.#over && this.#server.length === 0) return [{ type: 'forward', bytes: chunk }]
    this.#server.push(chunk)
    const out: Uint8Array[] = []
    for (;;) {
      const message = this.#next('server', this.#server)
      if (message === undefined) break
      out.push(message.read === undefined ? message.bytes : await this.#rewrite(message.read, message.bytes))
    }
    if (this.#over) out.push(this.#server.takeAll())
    const bytes = Buffer.concat(out)
    return bytes.length === 0 ? NOTHING : [{ type: 'forward', bytes }]
  }

  end(side: 'client' | 'server'): readonly Uint8Array[] {
    if (side === 'client' || this.#server.length === 0) return []
    this.#over = true
    return [this.#server.takeAll()]
  }

  /** The next message, read when it may be a greeting, or the next stretch of one that is none. */
  #next(side: 'client' | 'server', queue: ByteQueue): { readonly bytes: Buffer; readonly read?: Message } | undefined {
    if (this.#passing[side] > 0) {
      const bytes = queue.take(Math.min(this.#passing[side], queue.length))
      if (bytes === undefined || bytes.length === 0) return undefined
      this.#passing[side] -= bytes.length
      return { bytes }
    }
    const head = queue.peek(HEADER_LENGTH)
    if (head === undefined || this.#over) return undefined
    const { length, responseTo } = readHeader(head)
    if (length < HEADER_LENGTH) {
      this.#over = true
      return undefined
    }
    const other = side === 'server' && !this.#greetings.delete(responseTo)
    if (other || length > GREETING_LIMIT) {
      this.#passing[side] = length
      return this.#next(side, queue)
    }
    const bytes = queue.take(length)
    if (bytes === undefined) {
      if (side === 'server') this.#greetings.add(responseTo)
      return undefined
    }
    const read = readMessage(bytes, GREETING_LIMIT)
    return read === undefined ? { bytes } : { bytes, read }
  }

  async #rewrite(message: Message, bytes: Buffer): Promise<Uint8Array> {
    const { body } = message
    if (body.type === 'msg') {
      if ((body.flags & FLAGS.moreToCome) !== 0) this.#greetings.add(message.requestId)
      const reply = await moveAddresses(body.body, this.#move)
      return reply === body.body ? bytes : writeMessage({ ...message, body: { ...body, body: reply } })
    }
    const [document, ...rest] = body.type === 'reply' ? body.documents : []
    if (body.type !== 'reply' || document === undefined) return bytes
    const reply = await moveAddresses(document, this.#move)
    return reply === document ? bytes : writeMessage({ ...message, body: { ...body, documents: [reply, ...rest] } })
  }

  readonly #move = async (address: string): Promise<string> => {
    const parts = /^\[?([^\]]+?)\]?(?::(\d+))?$/.exec(address)
    if (parts === null) return address
    try {
      const relay = await this.#options.relayFor(parts[1] as string, Number(parts[2] ?? 27_017))
      return relay.host.includes(':') ? `[${relay.host}]:${relay.port}` : `${relay.host}:${relay.port}`
    } catch {
      // No relay: the address stays, and what goes there is not recorded.
      return address
    }
  }
}
