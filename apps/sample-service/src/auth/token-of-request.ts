import type { IncomingHttpHeaders } from 'node:http'

/** The subprotocol that the server speaks on streams. It never answers with the one that holds the token. */
export const STREAM_PROTOCOL = 'session-stream'
const TOKEN_PROTOCOL = 'bearer.'

/** The token in `Authorization: Bearer …` (RFC 6750). */
export function tokenOfHeaders(headers: IncomingHttpHeaders): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}

/**
 * The token of a WebSocket request. Browsers cannot set `Authorization` there: they send it as a subprotocol,
 * `new WebSocket(url, ['session-stream', 'bearer.TOKEN'])`, or, where even that is not possible, as `?access_token=`,
 * which proxies may write to their logs.
 */
export function tokenOfUpgrade(headers: IncomingHttpHeaders, target: string): string | undefined {
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())
  const carrier = protocols.find((protocol) => protocol.startsWith(TOKEN_PROTOCOL))
  const query = target.slice(target.indexOf('?') + 1)
  return (
    tokenOfHeaders(headers) ??
    carrier?.slice(TOKEN_PROTOCOL.length) ??
    new URLSearchParams(target.includes('?') ? query : '').get('access_token') ??
    undefined
  )
}
