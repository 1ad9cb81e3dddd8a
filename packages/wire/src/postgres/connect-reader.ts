import type { CallEvent, ReaderOptions } from '../protocol/protocol.ts'
import { Cursor } from './bytes.ts'
import { readFields } from './fields.ts'
import type { Message } from './message-splitter.ts'
import type { Startup } from './startup.ts'

const methods: Readonly<Record<number, string>> = {
  3: 'password',
  5: 'md5',
  10: 'scram-sha-256',
  2: 'kerberos',
  7: 'gss',
  9: 'sspi',
}

/** Reads how a connection is set up: who logs in by which method, and what the server says of itself. Never a credential. */
export class ConnectReader {
  readonly #startup: Startup & { readonly type: 'startup' }
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #id: number
  readonly #startedAt: number
  readonly #parameters: [string, string][] = []
  readonly #notices: { readonly [name: string]: string }[] = []
  #authentication = 'trust'

  constructor(
    startup: Startup & { type: 'startup' },
    options: ReaderOptions,
    at: number,
    emit: (event: CallEvent) => void,
  ) {
    this.#startup = startup
    this.#options = options
    this.#emit = emit
    this.#id = options.nextId()
    this.#startedAt = at
    emit({ type: 'open', id: this.#id, at })
  }

  /** Reads a message of the server. */
  read({ letter, body }: Message, at: number): 'more' | 'ready' | 'refused' | { readonly problem: string } {
    const cursor = new Cursor(body)
    if (letter === 'R') this.#authentication = methods[cursor.int32()] ?? this.#authentication
    else if (letter === 'S') this.#parameters.push([cursor.text(), cursor.text()])
    else if (letter === 'N') this.#notices.push(readFields(cursor))
    else if (letter === 'E') {
      this.#done('complete', at, { error: readFields(cursor) })
      return 'refused'
    } else if (letter === 'Z') {
      this.#done('complete', at)
      return 'ready'
    } else if (letter !== 'K' && letter !== 'v') {
      return { problem: `the server sends the message ${letter} while a connection is set up` }
    }
    return cursor.broken || this.#parameters.length > 1000 || this.#notices.length > 1000
      ? { problem: `the message ${letter} of the server is not whole` }
      : 'more'
  }

  finish(state: 'open' | 'aborted', at: number): void {
    this.#done(state, at)
  }

  #done(
    state: 'complete' | 'open' | 'aborted',
    at: number,
    refused?: { readonly error: { readonly [name: string]: string } },
  ): void {
    const { user, database, parameters } = this.#startup
    this.#emit({
      type: 'call',
      call: {
        protocol: 'postgres',
        id: this.#id,
        connection: this.#options.connection,
        operation: 'connect',
        request: { user, database, parameters },
        ...(state === 'complete' && {
          response: {
            authentication: this.#authentication,
            ...(refused === undefined && { parameters: Object.fromEntries(this.#parameters) }),
            ...(this.#notices.length > 0 && { notices: this.#notices }),
            ...refused,
          },
        }),
        lifetime: 'connection',
        state,
        startedAt: this.#startedAt,
        endedAt: at,
        ...(refused !== undefined && { ended: 'end' }),
      },
    })
  }
}
