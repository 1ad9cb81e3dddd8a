import type { Value } from '@keploy-framework/format'

import { ByteCursor, PacketEnd } from './byte-cursor.ts'
import { agreed } from './capabilities.ts'
import { decodeGreeting, decodeLogin, isSslRequest, type Greeting, type Login } from './handshake.ts'
import { decodeError, decodeOk, statusTree, type Tree } from './outcome.ts'

/** Follows a login, from the greeting until the server lets the client in or refuses it. */
export class LoginReader {
  #greeting: Greeting | undefined
  #login: Login | undefined
  #switched: string | undefined
  #outcome: Tree | undefined
  /** Set when the client said that TLS comes. */
  tls = false

  /** Who has to speak next; `either` while the password is checked. */
  get turn(): 'server' | 'client' | 'either' {
    if (this.#greeting === undefined) return 'server'
    return this.#login === undefined ? 'client' : 'either'
  }

  /** What both sides agreed on. */
  get capabilities(): bigint {
    return agreed(this.#greeting?.capabilities ?? 0n, this.#login?.capabilities ?? 0n)
  }

  get request(): Value {
    const login = this.#login
    if (login === undefined) return {}
    return {
      user: login.user,
      ...(login.database !== undefined && { database: login.database }),
      plugin: login.plugin,
      charset: login.charset,
      maxPacket: login.maxPacket,
      capabilities: Number(login.capabilities),
      ...(this.tls && { tls: true }),
      ...(login.attributes !== undefined && { attributes: login.attributes }),
    }
  }

  get response(): Value {
    const greeting = this.#greeting
    return {
      ...(greeting !== undefined && { server: greetingTree(greeting) }),
      ...(this.#switched !== undefined && { switchedTo: this.#switched }),
      ...this.#outcome,
    }
  }

  fromClient(payload: Buffer): void {
    if (this.#login !== undefined) return
    if (isSslRequest(payload)) this.tls = true
    else this.#login = decodeLogin(payload)
  }

  /** True when the login is over. */
  fromServer(payload: Buffer): 'in' | 'refused' | 'more' {
    if (payload[0] === 0xff) {
      this.#outcome = { error: decodeError(payload) }
      return 'refused'
    }
    if (this.#greeting === undefined) {
      if (payload[0] !== 10) throw new PacketEnd('no greeting of a server of MySQL')
      this.#greeting = decodeGreeting(payload)
      return 'more'
    }
    if (this.#login === undefined) throw new PacketEnd('the server goes on before the client has answered')
    if (payload[0] === 0) {
      this.#outcome = { ok: decodeOk(payload, this.capabilities).tree }
      return 'in'
    }
    if (payload[0] === 0xfe) this.#switched = new ByteCursor(payload.subarray(1)).zeroEnded().toString('latin1')
    else if (payload[0] !== 1) throw new PacketEnd('a packet that is no part of a login')
    return 'more'
  }
}

/** A greeting as a tree, without what is another one for each connection. */
export function greetingTree(greeting: Greeting): Tree {
  const { version, capabilities, charset, plugin, status } = greeting
  return { version, capabilities: Number(capabilities), charset, plugin, ...statusTree(status) }
}
