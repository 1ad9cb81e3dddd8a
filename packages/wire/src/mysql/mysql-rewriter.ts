import type { RelayRewriter, RelayStep, RewriterOptions } from '../protocol/rewriter.ts'
import { capability, has } from './capabilities.ts'
import { decodeGreeting, isSslRequest, SSL_REQUEST } from './handshake.ts'
import { framePacket, PacketReader, type Packet } from './packets.ts'

const LIMIT = 1024 * 1024
const SSL = Number(capability.ssl)

/**
 * Ends TLS in the middle of a login, and begins it towards the server where it is wanted there. An SSLRequest takes a
 * number; where only one of the two sides has one, the numbers of the packets of the login differ by one.
 */
export class MysqlRewriter implements RelayRewriter {
  readonly #options: RewriterOptions
  readonly #client = new PacketReader(LIMIT)
  readonly #server = new PacketReader(LIMIT)
  #state: 'greeting' | 'login' | 'password' | 'over' = 'greeting'
  #offered = false
  #clientTls = false
  /** What a number of the client grows by on its way to the server. */
  #shift = 0

  constructor(options: RewriterOptions) {
    this.#options = options
  }

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#state === 'over') return [{ type: 'forward', bytes: chunk }]
    this.#client.push(chunk)
    return this.#guard(this.#client, () => this.#readClient())
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#state === 'over') return [{ type: 'forward', bytes: chunk }]
    this.#server.push(chunk)
    return this.#guard(this.#server, () => this.#readServer())
  }

  /** What is not understood goes on as it came. */
  #guard(packets: PacketReader, read: () => RelayStep[]): RelayStep[] {
    let steps: RelayStep[] = []
    try {
      steps = read()
    } catch {
      this.#state = 'over'
    }
    if (this.#state === 'over') {
      const rest = packets.takeRest()
      if (rest.length > 0) steps.push({ type: 'forward', bytes: rest })
    }
    return steps
  }

  #readServer(): RelayStep[] {
    const steps: RelayStep[] = []
    while (this.#state !== 'over') {
      const packet = this.#server.next()
      if (packet === undefined) break
      if (packet === 'too-long') {
        this.#state = 'over'
        break
      }
      steps.push(forward(packet, this.#state === 'password' ? -this.#shift : 0))
      if (this.#state === 'greeting') {
        this.#state = packet.payload[0] === 10 ? 'login' : 'over'
        if (this.#state === 'login') this.#offered = has(decodeGreeting(packet.payload).capabilities, capability.ssl)
      } else if (packet.payload[0] === 0 || packet.payload[0] === 0xff) this.#state = 'over'
    }
    return steps
  }

  #readClient(): RelayStep[] {
    const steps: RelayStep[] = []
    while (this.#state === 'login' || this.#state === 'password') {
      const packet = this.#client.next()
      if (packet === undefined) break
      if (packet === 'too-long') {
        this.#state = 'over'
        break
      }
      if (this.#state === 'password') steps.push(forward(packet, this.#shift))
      else if (!this.#clientTls && isSslRequest(packet.payload)) {
        this.#startTls(packet, steps)
        break
      } else this.#login(packet, steps)
    }
    return steps
  }

  #startTls(packet: Packet, steps: RelayStep[]): void {
    this.#clientTls = true
    const rest = this.#client.takeRest()
    const both = this.#offered && this.#options.tls !== 'off'
    if (both) steps.push(forward(packet, 0))
    // The client goes on by itself; it is taken first, so that nothing of its TLS is read as a packet.
    steps.push({ type: 'start-tls', side: 'client', ...(rest.length > 0 && { rest }) })
    if (both) steps.push({ type: 'start-tls', side: 'server' })
    else this.#shift = -1
  }

  #login({ payload, sequence }: Packet, steps: RelayStep[]): void {
    let login = payload
    const begins = !this.#clientTls && this.#offered && this.#options.tls !== 'off' && payload.length > SSL_REQUEST
    if (begins) {
      login = withFlags(payload, (flags) => flags | SSL)
      steps.push({ type: 'forward', bytes: framePacket(login.subarray(0, SSL_REQUEST), sequence) })
      steps.push({ type: 'start-tls', side: 'server' })
      this.#shift = 1
    } else if (this.#shift === -1) login = withFlags(payload, (flags) => flags & ~SSL)
    steps.push({ type: 'forward', bytes: framePacket(login, (sequence + this.#shift) & 0xff) })
    this.#state = this.#shift === 0 ? 'over' : 'password'
  }
}

function forward({ payload, sequence }: Packet, shift: number): RelayStep {
  return { type: 'forward', bytes: framePacket(payload, (sequence + shift + 256) & 0xff) }
}

function withFlags(payload: Buffer, change: (flags: number) => number): Buffer {
  const copy = Buffer.from(payload)
  copy.writeUInt32LE(change(copy.readUInt32LE(0)) >>> 0, 0)
  return copy
}
