import type { RelayRewriter, RelayStep } from '../protocol/rewriter.ts'
import { capability, has } from './capabilities.ts'
import { decodeGreeting, isSslRequest } from './handshake.ts'
import { framePacket, PacketReader, type Packet } from './packets.ts'

const LIMIT = 1024 * 1024

/**
 * Begins TLS on both sides when the client does, in the middle of a login, and on none when it does not: what comes after,
 * such as the password of `caching_sha2_password`, depends on whether there is TLS. All else goes on as it came.
 */
export class MysqlRewriter implements RelayRewriter {
  readonly #client = new PacketReader(LIMIT)
  readonly #server = new PacketReader(LIMIT)
  #state: 'greeting' | 'login' | 'over' = 'greeting'
  #offered = false

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#state === 'over') return [{ type: 'forward', bytes: chunk }]
    this.#client.push(chunk)
    return this.#withRest(this.#client, this.#readClient())
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#state !== 'greeting') return [{ type: 'forward', bytes: chunk }]
    this.#server.push(chunk)
    return this.#withRest(this.#server, this.#readServer())
  }

  /** What is not waited for goes on as it came. */
  #withRest(packets: PacketReader, steps: readonly RelayStep[]): readonly RelayStep[] {
    if (this.#state !== 'over' && !(packets === this.#server && this.#state === 'login')) return steps
    const rest = packets.takeRest()
    return rest.length > 0 ? [...steps, { type: 'forward', bytes: rest }] : steps
  }

  #readServer(): RelayStep[] {
    const packet = this.#server.next()
    if (packet === undefined) return []
    this.#state = 'over'
    if (packet === 'too-long') return []
    if (packet.payload[0] === 10) {
      this.#offered = offersTls(packet.payload)
      this.#state = 'login'
    }
    return [forward(packet)]
  }

  #readClient(): RelayStep[] {
    if (this.#state !== 'login') return []
    const packet = this.#client.next()
    if (packet === undefined) return []
    this.#state = 'over'
    if (packet === 'too-long') return []
    if (!this.#offered || !isSslRequest(packet.payload)) return [forward(packet)]
    const rest = this.#client.takeRest()
    return [
      forward(packet),
      // The client goes on by itself; it is taken first, so that nothing of its TLS is read as a packet.
      { type: 'start-tls', side: 'client', ...(rest.length > 0 && { rest }) },
      { type: 'start-tls', side: 'server' },
    ]
  }
}

function offersTls(greeting: Buffer): boolean {
  try {
    return has(decodeGreeting(greeting).capabilities, capability.ssl)
  } catch {
    return false
  }
}

function forward({ payload, sequence }: Packet): RelayStep {
  return { type: 'forward', bytes: framePacket(payload, sequence) }
}
