import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'

/** How requests name the server where the client was led to a relay, which it takes for the server. */
export interface Authority {
  /** What the client names: the relay, as `127.0.0.1:41873`. */
  readonly relay: string
  /** What the server expects: `api.example.com`, with a port that is not the usual one. */
  readonly target: string
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/** Whether a `Host` names the relay; a client that asks for another name means it. */
export function namesRelay(host: string, { relay }: Authority): boolean {
  const lower = host.toLowerCase()
  if (lower === relay.toLowerCase()) return true
  const port = relay.slice(relay.lastIndexOf(':'))
  return lower.endsWith(port) && LOOPBACK.test(lower.slice(0, -port.length))
}

/** A request as it would have been sent to the server: its `host` is not the relay. */
export function withTarget(request: Value, authority: Authority): Value {
  if (!isTree(request) || typeof request['host'] !== 'string' || !namesRelay(request['host'], authority)) return request
  return { ...request, host: authority.target }
}
