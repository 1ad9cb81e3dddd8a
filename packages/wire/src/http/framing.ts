import type { Head } from './head.ts'

/** The body lasts until its sender ends the connection. */
export const UNTIL_CLOSE = -1
/** The body comes in chunks. */
export const CHUNKED = -2
/** No HTTP follows on this connection: it was upgraded, or is a tunnel. */
export const OPAQUE = -3
/** The parser waits for the answer that decides whether HTTP follows. */
export const HOLD = -4

/** The length of a body, one of the constants above, or the reason why it cannot be known. */
export type Framing = number | string

function framingOfCoding(head: Head): Framing {
  const coding = head.transferEncoding ?? ''
  const last = coding.slice(coding.lastIndexOf(',') + 1).trim()
  // A sender that sets both invites request smuggling; who reads which one cannot be known from outside.
  if (head.length !== -1) return 'both Transfer-Encoding and Content-Length are present'
  if (last.toLowerCase() !== 'chunked') return `the transfer coding ${JSON.stringify(last.slice(0, 40))} is not known`
  return coding.includes(',') ? 'more than one transfer coding is applied' : CHUNKED
}

/** How the body of a request is framed (RFC 9112, 6.3). */
export function requestFraming(head: Head): Framing {
  if (head.transferEncoding !== undefined) return framingOfCoding(head)
  if (head.length === -2) return 'the Content-Length is not one number'
  return head.length === -1 ? 0 : head.length
}

/** How the body of a response to `method` is framed (RFC 9112, 6.3). */
export function responseFraming(head: Head, method: string): Framing {
  const { status } = head
  if (status === 101) return OPAQUE
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return 0
  if (method === 'CONNECT' && status < 300) return OPAQUE
  if (head.transferEncoding !== undefined) return framingOfCoding(head)
  if (head.length === -2) return 'the Content-Length is not one number'
  return head.length === -1 ? UNTIL_CLOSE : head.length
}
