import type { RelayRewriter, RelayStep, RewriterOptions } from '../protocol/rewriter.ts'
import { cstring, Cursor, int32, message } from './bytes.ts'
import { ownError, writeFields } from './fields.ts'
import { MessageSplitter } from './message-splitter.ts'
import { ScramBridge } from './scram-bridge.ts'
import { readStartup } from './startup.ts'

const LIMIT = 1024 * 1024
const SSL_REQUEST: Buffer = Buffer.concat([int32(8), int32(80_877_103)])
const PLUS = 'SCRAM-SHA-256-PLUS'

const forward = (bytes: Uint8Array): RelayStep => ({ type: 'forward', bytes })
const reply = (bytes: Uint8Array): RelayStep => ({ type: 'reply', bytes })

/**
 * Ends TLS on the side of the client when it asks for it, begins TLS on the side of the server as the configuration says,
 * and takes the offer of channel binding away, which cannot hold across two connections. The login of a client that misses
 * the offer is carried over by a `ScramBridge`. All else goes on as it came.
 */
export class PostgresRewriter implements RelayRewriter {
  readonly #tls: RewriterOptions['tls']
  readonly #credentials: RewriterOptions['credentials']
  readonly #client = new MessageSplitter(LIMIT)
  readonly #server = new MessageSplitter(LIMIT)
  #clientPhase: 'startup' | 'waiting' | 'login' | 'open' = 'startup'
  #serverPhase: 'login' | 'open' = 'login'
  /** What the client sent while the server was being asked for TLS. */
  #held: Buffer[] = []
  #user = ''
  /** Whether the server offered channel binding, and the client was not told. */
  #withheld = false
  #bridge: ScramBridge | undefined

  constructor(options: RewriterOptions) {
    this.#tls = options.tls
    this.#credentials = options.credentials
  }

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#clientPhase === 'open') return [forward(chunk)]
    if (this.#clientPhase === 'waiting') {
      this.#held.push(Buffer.from(chunk))
      return []
    }
    this.#client.push(chunk)
    if (this.#clientPhase === 'login') return this.#readLogin()
    const steps: RelayStep[] = []
    for (;;) {
      const next = this.#client.next(false)
      if (next === undefined) break
      const whole = Buffer.concat([int32(next.body.length + 4), next.body])
      const startup = readStartup(next.body)
      if (startup?.type === 'ssl') steps.push(reply(Buffer.from('S')), { type: 'start-tls', side: 'client' })
      else if (startup?.type === 'gss') steps.push(reply(Buffer.from('N')))
      else {
        if (startup?.type === 'startup') this.#user = startup.user
        return [...steps, ...this.#begin(Buffer.concat([whole, this.#client.rest()]))]
      }
    }
    if (this.#client.problem === undefined) return steps
    // It is no Postgres: from here on it is none of our business.
    this.#clientPhase = 'open'
    this.#serverPhase = 'open'
    return [...steps, forward(this.#client.rest())]
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] {
    if (this.#clientPhase === 'waiting') {
      return this.#encryptionAnswer(chunk)
    }
    if (this.#serverPhase === 'open') return [forward(chunk)]
    this.#server.push(chunk)
    const out: Buffer[] = []
    while (this.#serverPhase === 'login') {
      const next = this.#server.next(true)
      if (next === undefined) break
      out.push(message(next.letter, next.letter === 'R' ? this.#authentication(next.body) : next.body))
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

  end(side: 'client' | 'server'): readonly Uint8Array[] {
    const messages = side === 'client' ? this.#client : this.#server
    if (side === 'server') this.#serverPhase = 'open'
    else if (this.#clientPhase !== 'waiting') this.#clientPhase = 'open'
    const rest = messages.rest()
    return rest.length === 0 ? [] : [rest]
  }

  /** Messages of a client that logs in to a server with TLS; what comes after them goes on as it is. */
  #readLogin(): readonly RelayStep[] {
    const out: Buffer[] = []
    while (this.#serverPhase === 'login') {
      const next = this.#client.next(true)
      if (next === undefined) break
      const changed = next.letter === 'p' ? this.#password(next.body) : next.body
      if (changed === undefined) {
        this.#clientPhase = 'open'
        return [reply(refusal())]
      }
      out.push(message(next.letter, changed))
    }
    if (this.#serverPhase === 'open' || this.#client.problem !== undefined) {
      this.#clientPhase = 'open'
      out.push(this.#client.rest())
    }
    const bytes = Buffer.concat(out)
    return bytes.length === 0 ? [] : [forward(bytes)]
  }

  /** A message of the client's login; nothing when the server would take it for an attack. */
  #password(body: Buffer): Buffer | undefined {
    if (!this.#withheld) return body
    if (this.#bridge !== undefined) return Buffer.from(this.#bridge.clientFinal(body.toString()))
    const cursor = new Cursor(body)
    const mechanism = cursor.text()
    const first = cursor.value()?.toString() ?? ''
    if (cursor.broken || !ScramBridge.needed(first)) {
      this.#withheld = false
      return body
    }
    const { username = '', password } = this.#credentials ?? {}
    if (password === undefined || password === '' || (username !== '' && username !== this.#user)) return undefined
    this.#bridge = new ScramBridge(password)
    const changed = Buffer.from(this.#bridge.clientFirst(first))
    return Buffer.concat([cstring(mechanism), int32(changed.length), changed])
  }

  /** A message of the server's side of a login. */
  #authentication(body: Buffer): Buffer {
    const code = new Cursor(body).int32()
    if (code === 10) {
      const offer = withoutPlus(body)
      this.#withheld = offer !== body
      return offer
    }
    if (this.#bridge === undefined || (code !== 11 && code !== 12)) return body
    const said = body.subarray(4).toString()
    if (code === 11) this.#bridge.serverFirst(said)
    return code === 11 ? body : Buffer.concat([int32(12), Buffer.from(this.#bridge.serverFinal(said))])
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
    this.#clientPhase = chunk[0] === 0x53 ? 'login' : 'open'
    if (chunk[0] === 0x53) return [{ type: 'start-tls', side: 'server' }, reply(held)]
    if (chunk[0] === 0x4e && this.#tls === 'prefer') return [reply(held)]
    if (chunk[0] !== 0x4e) return [forward(chunk)]
    return [
      forward(writeFields('E', ownError('08001', 'the server does not support SSL, but SSL was required', 'FATAL'))),
    ]
  }
}

const refusal = (): Buffer =>
  writeFields('E', {
    ...ownError('28000', 'keploy: the login of this client cannot be carried to a server with TLS', 'FATAL'),
    detail:
      'The client could bind its login to the certificate of the server, and the certificate it sees is that of a relay. ' +
      'The relay carries such a login over when it knows the password.',
    hint: 'Give the password in the setting that leads to this database, or set channel_binding=disable for the client.',
  })

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
