import { createHmac, pbkdf2Sync } from 'node:crypto'

const ITERATIONS = 4096
// Nothing is kept secret by these: who may connect is decided by where the server listens. Fixed, so that runs are alike.
const SALT: Buffer = Buffer.from('keploy-framework', 'latin1')
const SERVER_NONCE = 'a2VwbG95LWZyYW1ld29yaw=='

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/**
 * The server of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677). It takes every proof, and proves to the client that it
 * knows the password.
 */
export class ScramServer {
  readonly #password: string
  #firstBare = ''
  #serverFirst = ''

  constructor(password: string) {
    this.#password = password.normalize('NFKC')
  }

  /** Answers the client's first message; nothing when it is none. */
  first(message: string): string | undefined {
    const match = /^[ny],[^,]*,(.*,?r=([^,]+).*)$/s.exec(message)
    if (match === null) return undefined
    this.#firstBare = match[1] as string
    this.#serverFirst = `r=${match[2] as string}${SERVER_NONCE},s=${SALT.toString('base64')},i=${ITERATIONS}`
    return this.#serverFirst
  }

  /** Answers the client's last message; nothing when it is none. */
  final(message: string): string | undefined {
    const match = /^(c=.*),p=[^,]+$/s.exec(message)
    if (match === null) return undefined
    const salted = pbkdf2Sync(this.#password, SALT, ITERATIONS, 32, 'sha256')
    const signed = `${this.#firstBare},${this.#serverFirst},${match[1] as string}`
    return `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`
  }
}
