import type { Route } from '../relay/handler.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads a payload that is a JSON object; anything else is an empty one. */
export function readObject(payload: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'))
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

/** The route of a connection that a hooked process opens; undefined when the frame names no target. */
export function toRoute(open: Record<string, unknown>): Route | undefined {
  const { host, port, path, tls } = open
  const named = typeof host === 'string' && typeof port === 'number'
  if (!named && typeof path !== 'string') return undefined
  return {
    dependency: named ? `${host}:${port}` : String(path),
    protocol: 'auto',
    target: named ? { host, port } : { path: String(path) },
    via: 'hook',
    tls: isRecord(tls)
      ? {
          mode: 'direct',
          verify: tls['verify'] !== false,
          ...(typeof tls['servername'] === 'string' && { servername: tls['servername'] }),
          ...(Array.isArray(tls['alpn']) && { alpn: tls['alpn'].map(String) }),
        }
      : { mode: 'off' },
  }
}

/** What a server would most likely choose of the protocols that a client offers. */
export function chooseAlpn(offered: readonly string[] | undefined): string | undefined {
  if (offered === undefined) return undefined
  return offered.includes('http/1.1') ? 'http/1.1' : offered[0]
}
