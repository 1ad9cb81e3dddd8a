import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

/** More rounds than this are not tried, as they would hold all other connections up. Postgres uses 4096. */
const MAX_ITERATIONS = 1_000_000
const CLIENT_BINDING = 'eSws'
const SERVER_BINDING = 'biws'

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const hash = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
const xor = (one: Buffer, other: Buffer): Buffer => Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)))

/**
 * Carries a login by SCRAM-SHA-256 (RFC 5802, RFC 7677) between two connections with TLS. A client that could bind its login
 * to the certificate, and was not offered to, says so (`y`); a server that did offer it takes that for an attack. So the
 * server is told that the client can't (`n`), and as both sides sign what was said, their proofs are made anew with the
 * password. A client with another password is refused by the server, as it would have been.
 */
export class ScramBridge {
  readonly #password: string
  #firstBare = ''
  #serverFirst = ''
  #serverKey: Buffer | undefined
  /** What each side signs. */
  #signed = { byClient: '', byServer: '' }

  constructor(password: string) {
    this.#password = password.normalize('NFKC')
  }

  /** Whether the first message of a client is one that a server with TLS would refuse. */
  static needed(message: string): boolean {
    return message.startsWith('y,')
  }

  clientFirst(message: string): string {
    const comma = message.indexOf(',', 2)
    this.#firstBare = message.slice(comma + 1)
    return `n${message.slice(1)}`
  }

  serverFirst(message: string): void {
    this.#serverFirst = message
  }

  clientFinal(message: string): string {
    const [, nonce = '', proof = ''] = /^c=eSws,(.*),p=([^,]+)$/s.exec(message) ?? []
    const [, salt = '', rounds = ''] = /,s=([^,]+),i=(\d+)/.exec(this.#serverFirst) ?? []
    const iterations = Number(rounds)
    const said = (binding: string): string => `${this.#firstBare},${this.#serverFirst},c=${binding},${nonce}`
    this.#signed = { byClient: said(CLIENT_BINDING), byServer: said(SERVER_BINDING) }
    const given = Buffer.from(proof, 'base64')
    const refused = `c=${SERVER_BINDING},${nonce},p=${proof}`
    if (given.length !== 32 || iterations < 1 || iterations > MAX_ITERATIONS) return refused
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt, 'base64'), iterations, 32, 'sha256')
    const clientKey = hmac(salted, 'Client Key')
    const stored = hash(clientKey)
    if (!timingSafeEqual(xor(given, hmac(stored, this.#signed.byClient)), clientKey)) return refused
    this.#serverKey = hmac(salted, 'Server Key')
    return `c=${SERVER_BINDING},${nonce},p=${xor(clientKey, hmac(stored, this.#signed.byServer)).toString('base64')}`
  }

  /** The proof of the server for the client; as it came when it is not the right one, so that the client refuses it. */
  serverFinal(message: string): string {
    const key = this.#serverKey
    if (key === undefined || message !== `v=${hmac(key, this.#signed.byServer).toString('base64')}`) return message
    return `v=${hmac(key, this.#signed.byClient).toString('base64')}`
  }
}
