import { scalarText, type Value } from '@keploy-framework/format'

import type { MockAnswer, MockMiss, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { cstring, Cursor, int32, message } from './bytes.ts'
import { ownError, writeFields } from './fields.ts'
import type { Message } from './message-splitter.ts'
import { ScramServer } from './scram.ts'
import { isReplication, type Startup } from './startup.ts'

/** What a server says of itself when nothing recorded tells it. */
const usual: { readonly [name: string]: string } = {
  application_name: '',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  integer_datetimes: 'on',
  IntervalStyle: 'postgres',
  is_superuser: 'off',
  server_encoding: 'UTF8',
  server_version: '15.0',
  session_authorization: '',
  standard_conforming_strings: 'on',
  TimeZone: 'UTC',
}
/** Settings that a client may choose when it connects. */
const chosen = new Map([
  ['application_name', 'application_name'],
  ['client_encoding', 'client_encoding'],
  ['datestyle', 'DateStyle'],
  ['timezone', 'TimeZone'],
])

const authentication = (code: number, ...rest: readonly Uint8Array[]): Buffer => message('R', int32(code), ...rest)

/** Sets a connection up: answers as recorded, takes whatever the client logs in with, and says what the server is. */
export class MockLogin {
  readonly #options: MockServerOptions
  readonly #startup: Startup & { readonly type: 'startup' }
  #response: { readonly [key: string]: Value } = {}
  #scram: ScramServer | undefined
  #step: 'password' | 'scram-first' | 'scram-final' = 'password'

  constructor(options: MockServerOptions, startup: Startup & { readonly type: 'startup' }) {
    this.#options = options
    this.#startup = startup
  }

  /** Begins; gives what `read` gives. */
  begin(): 'more' | 'ready' | 'closed' {
    const { minor, parameters } = this.#startup
    if (isReplication(parameters))
      return this.#refuse(ownError('0A000', 'connections for replication are not replayed', 'FATAL'))
    const unknown = Object.keys(parameters).filter((name) => name.startsWith('_pq_.'))
    if (minor > 0 || unknown.length > 0) {
      this.#options.send(message('v', int32(3 << 16), int32(unknown.length), ...unknown.map((name) => cstring(name))))
    }
    this.#response = this.#find()
    const { error } = this.#response
    const method = this.#response['authentication']
    const { credentials } = this.#options
    if (method === 'scram-sha-256' && credentials !== undefined) {
      this.#scram = new ScramServer(credentials.password)
      this.#step = 'scram-first'
      this.#options.send(authentication(10, cstring('SCRAM-SHA-256'), Buffer.alloc(1)))
      return 'more'
    }
    if (method === 'md5' || method === 'password') {
      this.#options.send(method === 'md5' ? authentication(5, Buffer.from('mock', 'latin1')) : authentication(3))
      return 'more'
    }
    return isTree(error) ? this.#refuse(error) : this.#welcome()
  }

  /** Reads a message of the client that logs in. */
  read({ letter, body }: Message): 'more' | 'ready' | 'closed' {
    if (letter !== 'p')
      return this.#refuse(ownError('08P01', `expected password response, got message type "${letter}"`, 'FATAL'))
    const { error } = this.#response
    if (this.#step === 'password') return isTree(error) ? this.#refuse(error) : this.#welcome()
    const cursor = new Cursor(body)
    let said = body
    if (this.#step === 'scram-first') {
      cursor.text()
      said = cursor.value() ?? Buffer.alloc(0)
    }
    const answer =
      this.#step === 'scram-first' ? this.#scram?.first(said.toString()) : this.#scram?.final(said.toString())
    if (answer === undefined) return this.#refuse(ownError('08P01', 'malformed SCRAM message', 'FATAL'))
    if (this.#step === 'scram-final' && isTree(error)) return this.#refuse(error)
    this.#options.send(authentication(this.#step === 'scram-first' ? 11 : 12, Buffer.from(answer)))
    if (this.#step === 'scram-final') return this.#welcome()
    this.#step = 'scram-final'
    return 'more'
  }

  /** What was recorded for such a connection, or else for any. */
  #find(): { readonly [key: string]: Value } {
    const { user, database, parameters } = this.#startup
    const found: MockAnswer | MockMiss = this.#options.answer({
      operation: 'connect',
      request: { user, database, parameters },
      lifetime: 'connection',
    })
    const hit = found.type === 'answer' && isTree(found.response) ? found.response : undefined
    if (hit !== undefined && (isTree(hit['error']) || isTree(hit['parameters']))) return hit
    const all = this.#options
      .recorded('connect')
      .filter(({ response }) => isTree(response) && isTree(response['parameters']))
    const same = all.find(
      ({ request }) => isTree(request) && request['database'] === database && request['user'] === user,
    )
    const other = (same ?? all[0])?.response
    const recorded = isTree(other) ? other : { parameters: { ...usual, session_authorization: user } }
    const settings: { [name: string]: Value } = isTree(recorded['parameters'])
      ? { ...recorded['parameters'] }
      : { ...usual }
    for (const [name, value] of Object.entries(parameters)) {
      const reported = chosen.get(name.toLowerCase())
      if (reported !== undefined) settings[reported] = value
    }
    return { ...recorded, ...hit, parameters: settings }
  }

  #welcome(): 'ready' {
    const { notices, parameters } = this.#response
    const parts = [authentication(0)]
    for (const notice of Array.isArray(notices) ? (notices as readonly Value[]) : [])
      parts.push(writeFields('N', notice))
    for (const [name, value] of isTree(parameters) ? Object.entries(parameters) : []) {
      parts.push(message('S', cstring(name), cstring(scalarText(value) ?? '')))
    }
    parts.push(message('K', int32(1), int32(1)), message('Z', Buffer.from('I')))
    this.#options.send(Buffer.concat(parts))
    return 'ready'
  }

  #refuse(error: { readonly [name: string]: Value }): 'closed' {
    this.#options.send(writeFields('E', error))
    this.#options.close('end')
    return 'closed'
  }
}
