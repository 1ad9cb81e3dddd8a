import type { Socket } from 'node:net'

import { BodyScanner } from '@keploy-framework/wire'

import { apiName } from '../discover/api-name.ts'
import type { Address } from '../discover/setting.ts'
import { carry } from '../relay/carry.ts'
import type { Route } from '../relay/handler.ts'
import { Lane } from './lane.ts'
import { MAX_HEAD, readProxyHead } from './proxy-head.ts'
import type { ProxyState } from './start-proxy.ts'
import { openTunnel, passThrough } from './tunnel.ts'

/**
 * One connection to the proxy: a tunnel, or requests in absolute form, of which each may be for another server. Bodies are
 * passed on as they come.
 */
export class ProxyConnection {
  readonly #client: Socket
  readonly #state: ProxyState
  #pending: Buffer = Buffer.alloc(0)
  #body = new BodyScanner(0)
  #lane: Lane | undefined
  #laneTo = ''

  constructor(client: Socket, state: ProxyState) {
    this.#client = client
    this.#state = state
    client.on('data', this.#onData)
    client.on('end', this.#onEnd)
    client.on('close', () => this.#lane?.destroy())
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (this.#pending.length > 0) {
      if (!this.#body.done) {
        const taken = this.#body.take(this.#pending)
        this.#forward(this.#pending.subarray(0, taken))
        this.#pending = this.#pending.subarray(taken)
        continue
      }
      const end = headEnd(this.#pending)
      if (end === -1) {
        if (this.#pending.length > MAX_HEAD) this.#refuse('the head of the request is too long')
        return
      }
      if (end > MAX_HEAD) return this.#refuse('the head of the request is too long')
      const head = readProxyHead(this.#pending.subarray(0, end))
      const rest = this.#pending.subarray(end)
      this.#pending = rest
      if ('problem' in head) return this.#refuse(head.problem)
      if (this.#isUs(head.target)) return this.#refuse('the proxy was asked to call itself')
      if (head.kind === 'connect') return this.#tunnel(head.target, rest)
      this.#laneFor(head.target)
      this.#forward(head.head)
      this.#body = new BodyScanner(head.body)
    }
  }

  readonly #onEnd = (): void => {
    if (this.#lane === undefined) this.#client.end()
    else this.#lane.push(null)
  }

  #forward(bytes: Uint8Array): void {
    if (this.#lane !== undefined && !this.#lane.destroyed && !this.#lane.push(bytes)) this.#client.pause()
  }

  #laneFor(target: Address): void {
    const { host, port } = target
    const name = apiName(false, target)
    if (this.#laneTo === name && this.#lane?.destroyed === false) return
    this.#lane?.leave()
    this.#laneTo = name
    const lane = new Lane(this.#client, () => this.#client.resume())
    this.#lane = lane
    const route: Route = { dependency: name, protocol: 'http', target, tls: { mode: 'off' }, via: 'proxy' }
    if (this.#state.bypass?.(host, port) === true) passThrough(lane, target, this.#state.lookup)
    else {
      const { address, certificateFor, onProblem } = this.#state
      const relayFor = async (to: string, at: number) => ({ host: to, port: at })
      this.#state.track(carry(this.#state.handler, lane, route, { address, certificateFor, onProblem, relayFor }))
    }
  }

  #tunnel(target: Address, rest: Buffer): void {
    this.#client.off('data', this.#onData)
    this.#client.off('end', this.#onEnd)
    this.#client.pause()
    this.#client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    openTunnel(this.#client, rest, target, this.#state)
  }

  #isUs({ host, port }: Address): boolean {
    const { address } = this.#state
    return port === address.port && [address.host, '127.0.0.1', 'localhost', '::1'].includes(host)
  }

  #refuse(problem: string): void {
    const body = `${problem}\n`
    this.#pending = Buffer.alloc(0)
    this.#client.off('data', this.#onData)
    this.#client.resume()
    this.#client.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
  }
}

/** Where the empty line of a head ends; -1 when it is not there yet. */
function headEnd(bytes: Buffer): number {
  const strict = bytes.indexOf('\r\n\r\n')
  return strict === -1 ? -1 : strict + 4
}
