import type { RelayRewriter, RelayStep } from '../protocol/rewriter.ts'
import { capability, has } from './capabilities.ts'
import { decodeGreeting, isSslRequest } from './handshake.ts'
import { PacketReader } from './packets.ts'

const LIMIT = 1024 * 1024

/**
 * Begins TLS on both sides when the client does, in the middle of a login, and on none when it does not: what comes after,
 * such as the password of `caching_sha2_password`, depends on whether there is TLS. The messages are only looked at: all
 * goes on as it came, at once.
 */
export class MysqlRewriter implements RelayRewriter {
  readonly #client = new PacketReader(LIMIT)
  readonly #server = new PacketReader(LIMIT)
  #state: 'greeting' | 'login' | 'over' = 'greeting'
  #offered = false

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    // No client of MySQL speaks before it was greeted.
    if (this.#state === 'greeting') this.#state = 'over'
    return this.#state === 'login' ? this.#readLogin(chunk) : [forward(chunk)]
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#state === 'greeting') this.#readGreeting(chunk)
    return [forward(chunk)]
  }

  end(): readonly Uint8Array[] {
    return []
  }

  #readGreeting(chunk: Uint8Array): void {
    this.#server.push(chunk)
    const packet = this.#server.next()
    if (packet === undefined) return
    const greets = packet !== 'too-long' && packet.payload[0] === 10
    this.#offered = greets && offersTls(packet.payload)
    this.#state = greets ? 'login' : 'over'
    this.#server.takeRest()
  }

  #readLogin(chunk: Uint8Array): readonly RelayStep[] {
    this.#client.push(chunk)
    const packet = this.#client.next()
    if (packet === undefined) return [forward(chunk)]
    this.#state = 'over'
    const rest = this.#client.takeRest()
    if (packet === 'too-long' || !this.#offered || !isSslRequest(packet.payload)) return [forward(chunk)]
    return [
      forward(chunk.subarray(0, chunk.length - rest.length)),
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

function forward(bytes: Uint8Array): RelayStep {
  return { type: 'forward', bytes }
}
