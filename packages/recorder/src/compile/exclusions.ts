import { headerValue, type HttpExchange } from '@keploy-framework/format'

import { targetPath } from './route.ts'

/** Paths that probes ask for. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set([
  '/health',
  '/healthz',
  '/healthcheck',
  '/health-check',
  '/health/live',
  '/health/ready',
  '/livez',
  '/readyz',
  '/live',
  '/ready',
  '/liveness',
  '/readiness',
  '/ping',
  '/_health',
  '/actuator/health',
  '/actuator/health/liveness',
  '/actuator/health/readiness',
])

const ASSETS =
  /\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot|mp4|webm|mp3|ogg|wasm|webmanifest)$/i

/** Kinds of requests that are left out unless asked for. */
export type ExclusionKind = 'health' | 'assets' | 'preflight'

/** Which kind of request that is usually left out this one is. */
export function exclusionKind(exchange: HttpExchange): ExclusionKind | undefined {
  const { request } = exchange
  const path = targetPath(request.target)
  if (request.method === 'OPTIONS') {
    return headerValue(request.headers, 'access-control-request-method') === undefined ? undefined : 'preflight'
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  if (HEALTH_PATHS.has(trimmed.toLowerCase())) return 'health'
  return ASSETS.test(path) ? 'assets' : undefined
}
