import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

import type { MockServerOptions } from '../../protocol/mock-server.ts'
import { bytesOf } from '../../protocol/value.ts'
import { textOf, type Tree } from '../struct.ts'
import type { LiveRequest } from './context.ts'

const FAILED = 58
const ROUNDS = 4096

/**
 * Logs a client in. Whoever comes is let in; with SCRAM (RFC 5802) the server proves that it knows the password too, which
 * it has from the configuration of the service.
 */
export class Login {
  readonly #options: MockServerOptions
  #mechanism = ''
  #first: { readonly client: string; readonly server: string; readonly salt: Buffer } | undefined

  constructor(options: MockServerOptions) {
    this.#options = options
  }

  handshake({ body }: LiveRequest): Tree {
    this.#mechanism = textOf(body['mechanism'])
    this.#first = undefined
    return { errorCode: 0, mechanisms: [this.#mechanism] }
  }

  authenticate({ body }: LiveRequest): Tree {
    const hash = /^SCRAM-SHA-(256|512)$/.exec(this.#mechanism)?.[1]
    if (hash === undefined) return { errorCode: 0, errorMessage: null, authBytes: '' }
    const token = body['authBytes']
    const text =
      typeof token === 'string' ? token : Buffer.from(token instanceof Uint8Array ? bytesOf(token) : []).toString()
    const password = this.#options.credentials?.password
    if (password === undefined) {
      return {
        errorCode: FAILED,
        errorMessage: 'a replay needs the password of the service to log it in with SCRAM',
        authBytes: '',
      }
    }
    return {
      errorCode: 0,
      errorMessage: null,
      authBytes: this.#first === undefined ? this.#challenge(text) : this.#proof(text, `sha${hash}`, password),
    }
  }

  #challenge(text: string): string {
    const client = text.replace(/^[^,]*,[^,]*,/, '')
    const nonce = /(?:^|,)r=([^,]*)/.exec(client)?.[1] ?? ''
    const salt = createHash('sha256').update(nonce).digest().subarray(0, 16)
    const server = `r=${nonce}${salt.toString('hex')},s=${salt.toString('base64')},i=${ROUNDS}`
    this.#first = { client, server, salt }
    return server
  }

  #proof(text: string, hash: string, password: string): string {
    const first = this.#first ?? { client: '', server: '', salt: Buffer.alloc(16) }
    const salted = pbkdf2Sync(password, first.salt, ROUNDS, hash === 'sha256' ? 32 : 64, hash)
    const key = createHmac(hash, salted).update('Server Key').digest()
    const message = `${first.client},${first.server},${text.replace(/,p=.*$/, '')}`
    return `v=${createHmac(hash, key).update(message).digest('base64')}`
  }
}
