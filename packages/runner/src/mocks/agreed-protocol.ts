import type { RecordedCall } from '@keploy-framework/match'
import { isTree } from '@keploy-framework/wire'

/**
 * What a server agreed to speak (ALPN), as its recorded calls show: `h2` where any came over HTTP/2. Nothing where none did;
 * then HTTP/1.1 is spoken.
 *
 * @param dependency as a proxy names it, `https api.example.com`
 */
export function agreedProtocol(calls: readonly RecordedCall[], dependency: string): 'h2' | undefined {
  const host = dependency.slice(dependency.indexOf(' ') + 1)
  const named = calls.filter((call) => call.dependency === dependency)
  const asked = named.length > 0 ? named : first(calls, 10 * LOOKED_AT).filter((call) => fits(call, host))
  return first(asked, LOOKED_AT).some(isHttp2) ? 'h2' : undefined
}

/** Calls that are looked at: each may have to be read from its file first. */
const LOOKED_AT = 20

function first(calls: readonly RecordedCall[], count: number): readonly RecordedCall[] {
  return calls.filter(({ protocol }) => protocol === 'http' || protocol === 'grpc').slice(0, count)
}

/** A recording by another way may call the dependency otherwise: the host of its requests is the same. */
function fits(call: RecordedCall, host: string): boolean {
  const request = call.request()
  const asked = isTree(request) && typeof request['host'] === 'string' ? request['host'].toLowerCase() : ''
  return asked === '' ? call.dependency === call.protocol : asked.replace(/:443$/, '') === host
}

function isHttp2(call: RecordedCall): boolean {
  if (call.protocol === 'grpc') return true
  const response = call.protocol === 'http' ? call.response() : undefined
  return isTree(response) && response['version'] === '2'
}
