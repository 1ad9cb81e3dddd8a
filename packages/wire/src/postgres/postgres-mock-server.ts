import { scalarText, type Value } from '@keploy-framework/format'

import type { MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { cstring, message } from './bytes.ts'
import { writeFields } from './fields.ts'
import { MessageSplitter } from './message-splitter.ts'
import { MockLogin } from './mock-login.ts'
import { MockSession } from './mock-session.ts'
import { readStartup } from './startup.ts'
import { writeNotification } from './write-result.ts'

const MESSAGE_LIMIT = 64 * 1024 * 1024

/** Plays a Postgres on one connection: sets it up, then answers statements with what was recorded. */
export class PostgresMockServer implements MockServer {
  readonly #options: MockServerOptions
  #client = new MessageSplitter(MESSAGE_LIMIT)
  #login: MockLogin | undefined
  #session: MockSession | undefined
  #closed = false

  constructor(options: MockServerOptions) {
    this.#options = { ...options, close: (how) => this.#end(how) }
    this.#close = options.close
  }

  readonly #close: (how: 'end' | 'reset') => void

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#client.push(chunk)
    while (!this.#closed) {
      const typed = this.#login !== undefined || this.#session !== undefined
      const next = this.#client.next(typed)
      if (next === undefined) break
      if (!typed) this.#startup(next.body)
      else if (this.#session !== undefined) this.#session.read(next)
      else if (this.#login !== undefined) this.#step(this.#login.read(next))
    }
    if (this.#client.problem !== undefined) this.#end('end')
  }

  end(): void {
    this.#end('end')
  }

  deliver(said: Value): void {
    if (this.#closed || !isTree(said)) return
    const { notification, notice, parameters, error } = said
    if (notification !== undefined) this.#options.send(writeNotification(notification))
    if (notice !== undefined) this.#options.send(writeFields('N', notice))
    for (const [name, value] of isTree(parameters) ? Object.entries(parameters) : []) {
      this.#options.send(message('S', cstring(name), cstring(scalarText(value) ?? '')))
    }
    if (!isTree(error)) return
    this.#options.send(writeFields('E', error))
    if (error['severity'] === 'FATAL' || error['severityUnlocalized'] === 'FATAL') this.#end('end')
  }

  close(): void {
    this.#closed = true
  }

  #startup(body: Buffer): void {
    const startup = readStartup(body)
    if (startup?.type === 'ssl') {
      this.#options.send(Buffer.from('S'))
      this.#options.startTls()
    } else if (startup?.type === 'gss') this.#options.send(Buffer.from('N'))
    else if (startup?.type === 'startup') {
      this.#login = new MockLogin(this.#options, startup)
      this.#step(this.#login.begin())
    } else {
      // What a client wants to cancel has been answered already.
      if (startup !== undefined)
        this.#options.answer({ operation: 'cancel', request: { cancel: true }, lifetime: 'session' })
      this.#end('end')
    }
  }

  #step(step: 'more' | 'ready' | 'closed'): void {
    if (step === 'ready') this.#session = new MockSession(this.#options)
  }

  #end(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.#closed = true
    this.#close(how)
  }
}
