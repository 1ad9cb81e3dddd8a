import type { RelayRewriter, RelayStep, RewriterOptions } from '../protocol/rewriter.ts'
import { cstring, Cursor, int32, message } from './bytes.ts'
import { ownError, writeFields } from './fields.ts'
import { MessageSplitter } from './message-splitter.ts'
import { readStartup } from './startup.ts'

const LIMIT = 1024 * 1024
const SSL_REQUEST: Buffer = Buffer.concat([int32(8), int32(80_877_103)])
const PLUS = 'SCRAM-SHA-256-PLUS'

const forward = (bytes: Uint8Array): RelayStep => ({ type: 'forward', bytes })
const reply = (bytes: Uint8Array): RelayStep => ({ type: 'reply', bytes })

/**
 * Ends TLS on the side of the client when it asks for it, begins TLS on the side of the server as the configuration says,
 * and takes the offer of channel binding away, which cannot hold across two connections. All else goes on as it came.
 */
export class PostgresRewriter implements RelayRewriter {
  readonly #tls: RewriterOptions['tls']
  readonly #client = new MessageSplitter(LIMIT)
  readonly #server = new MessageSplitter(LIMIT)
  #clientPhase: 'startup' | 'waiting' | 'open' = 'startup'
  #serverPhase: 'login' | 'open' = 'login'
  /** What the client sent while the server was being asked for TLS. */
  #held: Buffer[] = []

  constructor(options: RewriterOptions) {
    this.#tls = options.tls
  }

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#clientPhase === 'open') return [forward(chunk)]
    if (this.#clientPhase === 'waiting') {
      this.#held.push(Buffer.from(chunk))
      return []
    }
    this.#client.push(chunk)
    const steps: RelayStep[] = []
    for (;;) {
      const next = this.#client.next(false)
      if (next === undefined) break
      const whole = Buffer.concat([int32(next.body.length + 4), next.body])
      const startup = readStartup(next.body)
      if (startup?.type === 'ssl') steps.push(reply(Buffer.from('S')), { type: 'start-tls', side: 'client' })
      else if (startup?.type === 'gss') steps.push(reply(Buffer.from('N')))
      else return [...steps, ...this.#begin(Buffer.concat([whole, this.#client.rest()]))]
    }
    if (this.#client.problem === undefined) return steps
    // It is no Postgres: from here on it is none of our business.
    this.#clientPhase = 'open'
    this.#serverPhase = 'open'
    return [...steps, forward(this.#client.rest())]
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#clientPhase === 'waiting') {
      this.#clientPhase = 'open'
      return this.#encryptionAnswer(chunk)
    }
    if (this.#serverPhase === 'open') return [forward(chunk)]
    this.#server.push(chunk)
    const out: Buffer[] = []
    while (this.#serverPhase === 'login') {
      const next = this.#server.next(true)
      if (next === undefined) break
      out.push(message(next.letter, next.letter === 'R' ? withoutPlus(next.body) : next.body))
      // 0: logged in. An error ends the login too.
      if (next.letter === 'E' || (next.letter === 'R' && new Cursor(next.body).int32() === 0))
        this.#serverPhase = 'open'
    }
    if (this.#server.problem !== undefined) {
      this.#serverPhase = 'open'
      out.push(this.#server.rest())
    } else if (this.#serverPhase === 'open') out.push(this.#server.rest())
    const bytes = Buffer.concat(out)
    return bytes.length === 0 ? [] : [forward(bytes)]
  }

  #begin(bytes: Buffer): readonly RelayStep[] {
    if (this.#tls === 'off') {
      this.#clientPhase = 'open'
      return [forward(bytes)]
    }
    this.#clientPhase = 'waiting'
    this.#held.push(bytes)
    return [forward(SSL_REQUEST)]
  }

  #encryptionAnswer(chunk: Uint8Array): readonly RelayStep[] {
    const held = Buffer.concat(this.#held)
    this.#held = []
    if (chunk[0] === 0x53) return [{ type: 'start-tls', side: 'server' }, reply(held)]
    if (chunk[0] === 0x4e && this.#tls === 'prefer') return [reply(held)]
    if (chunk[0] !== 0x4e) return [forward(chunk)]
    return [
      forward(writeFields('E', ownError('08001', 'the server does not support SSL, but SSL was required', 'FATAL'))),
    ]
  }
}

/** An offer of SASL mechanisms without channel binding; unchanged when nothing else is offered. */
function withoutPlus(body: Buffer): Buffer {
  const cursor = new Cursor(body)
  if (cursor.int32() !== 10) return body
  const mechanisms: string[] = []
  for (let name = cursor.text(); name !== '' && !cursor.broken; name = cursor.text()) mechanisms.push(name)
  const kept = mechanisms.filter((name) => name !== PLUS)
  if (cursor.broken || kept.length === 0 || kept.length === mechanisms.length) return body
  return Buffer.concat([int32(10), ...kept.map((name) => cstring(name)), Buffer.alloc(1)])
}
