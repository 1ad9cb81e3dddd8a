import type { HeaderPair } from '@keploy-framework/format'

/** A parsed message head. Header text holds one character per byte (Latin-1), so that no byte is lost. */
export class Head {
  headers: HeaderPair[] = []
  /** Request: method. Response: empty. */
  method = ''
  /** Request: target. Response: reason phrase. */
  text = ''
  status = 0
  version = '1.1'
  /** The `Content-Length`; -1 when absent, -2 when it is not a number or two of them differ. */
  length = -1
  transferEncoding: string | undefined = undefined
  contentType: string | undefined = undefined
  contentEncoding: string | undefined = undefined
  upgrade: string | undefined = undefined
}

/** Why a head could not be parsed. */
export interface HeadProblem {
  readonly problem: string
}

/**
 * Whether `text` holds an empty line, which ends a head. Bare LF line ends count too.
 */
export function holdsHeadEnd(text: string): boolean {
  return text.includes('\n\r\n') || text.includes('\n\n')
}

function parseLength(value: string): number {
  let result = 0
  if (value.length === 0 || value.length > 15) return -2
  for (let index = 0; index < value.length; index += 1) {
    const digit = value.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return -2
    result = result * 10 + digit
  }
  return result
}

function mergeLength(known: number, value: string): number {
  if (value.includes(',')) return value.split(',').reduce((merged, one) => mergeLength(merged, one.trim()), known)
  const length = parseLength(value)
  return known === -1 || known === length ? length : -2
}

function noteHeader(head: Head, name: string, value: string): void {
  // The length decides first: most names need no comparison at all.
  switch (name.length) {
    case 7:
      if (name.toLowerCase() === 'upgrade') head.upgrade = value
      break
    case 12:
      if (name.toLowerCase() === 'content-type') head.contentType = value
      break
    case 14:
      if (name.toLowerCase() === 'content-length') head.length = mergeLength(head.length, value)
      break
    case 16:
      if (name.toLowerCase() === 'content-encoding') {
        head.contentEncoding = head.contentEncoding === undefined ? value : `${head.contentEncoding}, ${value}`
      }
      break
    case 17:
      if (name.toLowerCase() === 'transfer-encoding') {
        head.transferEncoding = head.transferEncoding === undefined ? value : `${head.transferEncoding}, ${value}`
      }
      break
  }
}

/**
 * Parses header lines from `position` to the empty line and returns the position behind it, or a problem. A folded line
 * is joined to the one before it with a space. `head` is absent for trailers, which decide nothing.
 */
export function parseHeaderLines(
  text: string,
  position: number,
  headers: HeaderPair[],
  head: Head | undefined,
): number | HeadProblem {
  let at = position
  for (;;) {
    const newline = text.indexOf('\n', at)
    if (newline === -1) return { problem: 'a header line does not end' }
    let end = newline > at && text.charCodeAt(newline - 1) === 13 ? newline - 1 : newline
    if (end === at) return newline + 1
    const first = text.charCodeAt(at)
    if (first === 32 || first === 9) {
      const last = headers.pop()
      if (last === undefined) return { problem: 'the first header line is folded' }
      const joined = `${last[1]} ${text.slice(at, end).trim()}`
      headers.push([last[0], joined])
      if (head !== undefined) noteHeader(head, last[0], joined)
      at = newline + 1
      continue
    }
    const colon = text.indexOf(':', at)
    if (colon === -1 || colon >= end) return { problem: 'a header line has no colon' }
    const before = text.charCodeAt(colon - 1)
    if (colon === at || before === 32 || before === 9) return { problem: 'a header name is empty or ends with a space' }
    let start = colon + 1
    for (let code = text.charCodeAt(start); start < end && (code === 32 || code === 9);) {
      start += 1
      code = text.charCodeAt(start)
    }
    for (let code = text.charCodeAt(end - 1); end > start && (code === 32 || code === 9);) {
      end -= 1
      code = text.charCodeAt(end - 1)
    }
    const name = text.slice(at, colon)
    const value = text.slice(start, end)
    headers.push([name, value])
    if (head !== undefined) noteHeader(head, name, value)
    at = newline + 1
  }
}

function lineEnd(text: string, start: number): number {
  const newline = text.indexOf('\n', start)
  return newline > start && text.charCodeAt(newline - 1) === 13 ? newline - 1 : newline
}

function versionAt(text: string, start: number, end: number): string | undefined {
  if (end - start !== 8 || !text.startsWith('HTTP/', start)) return undefined
  if (text.startsWith('1.1', start + 5)) return '1.1'
  if (text.startsWith('1.0', start + 5)) return '1.0'
  return undefined
}

/** Parses a request head that is known to be whole; returns the position behind it, or a problem. */
export function parseRequestHead(text: string, start: number, head: Head): number | HeadProblem {
  const end = lineEnd(text, start)
  const space = text.indexOf(' ', start)
  const second = text.lastIndexOf(' ', end - 1)
  if (space <= start || second <= space || second > end) return { problem: 'the request line is not HTTP/1.x' }
  const version = versionAt(text, second + 1, end)
  if (version === undefined) return { problem: 'the request line is not HTTP/1.x' }
  head.method = text.slice(start, space)
  head.text = text.slice(space + 1, second)
  head.version = version
  return parseHeaderLines(text, text.indexOf('\n', end) + 1, head.headers, head)
}

/** Parses a response head that is known to be whole; returns the position behind it, or a problem. */
export function parseResponseHead(text: string, start: number, head: Head): number | HeadProblem {
  const end = lineEnd(text, start)
  const version = versionAt(text, start, start + 8)
  if (version === undefined || end < start + 12 || text.charCodeAt(start + 8) !== 32) {
    return { problem: 'the status line is not HTTP/1.x' }
  }
  const status = parseLength(text.slice(start + 9, start + 12))
  if (status < 100 || (end > start + 12 && text.charCodeAt(start + 12) !== 32)) {
    return { problem: 'the status line is not HTTP/1.x' }
  }
  head.status = status
  head.version = version
  head.text = end > start + 13 ? text.slice(start + 13, end) : ''
  return parseHeaderLines(text, text.indexOf('\n', end) + 1, head.headers, head)
}
