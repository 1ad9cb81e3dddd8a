import type { MockServerOptions } from '../protocol/mock-server.ts'
import type { Tree } from './message.ts'
import { binaryField, binaryOf } from './sasl-user.ts'
import { startScram, type ScramServer } from './scram.ts'

const OK: Tree = { ok: { $numberDouble: '1.0' } }

/** Answers the commands by which a client of one connection logs in. Only SCRAM asks the server to know the password. */
export class Login {
  readonly #credentials: MockServerOptions['credentials']
  #scram: ScramServer | undefined
  #skipsLast = false

  constructor(credentials: MockServerOptions['credentials']) {
    this.#credentials = credentials
  }

  /** The answer to a command as it came, payloads included; nothing when it is none of a login. */
  answer(command: string, body: Tree): Tree | undefined {
    switch (command) {
      case 'saslStart':
        return this.#start(body)
      case 'saslContinue':
        return this.#continue(body)
      case 'authenticate':
        return { ...(typeof body['user'] === 'string' && { user: body['user'] }), ...OK }
      case 'logout':
        return OK
      default:
        return undefined
    }
  }

  #start(body: Tree): Tree {
    const { mechanism, options } = body
    if (mechanism !== 'SCRAM-SHA-1' && mechanism !== 'SCRAM-SHA-256') {
      if (mechanism === 'PLAIN' || mechanism === 'MONGODB-OIDC') return step(true, '')
      return refusal(`the mock server does not know the mechanism ${JSON.stringify(mechanism ?? null)}`)
    }
    if (this.#credentials === undefined) {
      return refusal(
        `the service logs in with ${mechanism}, in which the server has to prove that it knows the password, and the configuration that was rewritten has no password`,
      )
    }
    const payload = binaryOf(body, 'payload')?.toString('utf8') ?? ''
    this.#scram = startScram(mechanism === 'SCRAM-SHA-1' ? 'sha1' : 'sha256', payload, this.#credentials)
    if (this.#scram === undefined) return refusal('the first message of SCRAM is malformed')
    this.#skipsLast = typeof options === 'object' && options !== null && (options as Tree)['skipEmptyExchange'] === true
    return step(false, this.#scram.first)
  }

  #continue(body: Tree): Tree {
    const payload = binaryOf(body, 'payload')?.toString('utf8') ?? ''
    // An empty message ends the conversation of clients that do not leave it out.
    if (payload === '') return step(true, '')
    const last = this.#scram?.finish(payload)
    if (last === undefined) {
      return refusal('the service logs in with another password than the one in the configuration that was rewritten')
    }
    return step(this.#skipsLast, last)
  }
}

function step(done: boolean, payload: string): Tree {
  return { conversationId: 1, done, payload: binaryField(Buffer.from(payload, 'utf8')), ...OK }
}

function refusal(reason: string): Tree {
  return { ok: { $numberDouble: '0.0' }, errmsg: `Keploy: ${reason}`, code: 18, codeName: 'AuthenticationFailed' }
}
