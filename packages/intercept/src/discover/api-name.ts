import type { ProtocolName } from '@keploy-framework/format'

import type { Route } from '../relay/handler.ts'
import { hostText, type Address } from './setting.ts'

/** What an HTTP API is called as a dependency, by whichever way it is reached: `https api.stripe.com`, `http auth:8080`. */
export function apiName(secure: boolean, { host, port }: Address): string {
  return `${secure ? 'https' : 'http'} ${hostText(host)}${port === (secure ? 443 : 80) ? '' : `:${port}`}`
}

/**
 * The name of what a route leads to, once its protocol is known: a route that was found by its address alone gets one.
 *
 * @example
 * dependencyName({ dependency: 'db:5432', protocol: 'auto', target, tls: { mode: 'off' }, via: 'hook' }, 'postgres') // 'postgres db:5432'
 */
export function dependencyName({ dependency, target, tls }: Route, protocol: ProtocolName): string {
  if (dependency.includes(' ')) return dependency
  return protocol === 'http' && 'host' in target ? apiName(tls.mode === 'direct', target) : `${protocol} ${dependency}`
}
