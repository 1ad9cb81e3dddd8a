import type { HeaderList } from '@keploy-framework/format'

/** Belong to one connection or are computed again; never sent as recorded. */
const NOT_SENT = new Set([
  'host',
  'content-length',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
])

/** Name other parts of the live system's address; the recorded host in them is replaced. */
const NAMES_HOST = new Set(['origin', 'referer'])

/** Recorded header lines as they are sent: order and case kept, the address replaced, connection headers left out. */
export function outgoingHeaders(headers: HeaderList, live: string, recorded: readonly string[]): string[] {
  const list: string[] = ['Host', live]
  const named = connectionNames(headers)
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (NOT_SENT.has(lower) || named?.has(lower) === true) continue
    list.push(name, NAMES_HOST.has(lower) ? replaceAuthority(value, recorded, live) : value)
  }
  return list
}

/** `http://recorded:1/x` becomes `http://live:2/x`; anything else stays. */
export function replaceAuthority(text: string, recorded: readonly string[], live: string): string {
  for (const authority of recorded) {
    const at = text.indexOf(`://${authority}`)
    if (at === -1) continue
    const end = at + 3 + authority.length
    const next = text[end]
    if (next !== undefined && next !== '/' && next !== '?' && next !== '#') continue
    return `${text.slice(0, at + 3)}${live}${text.slice(end)}`
  }
  return text
}

/** `Connection: X-Hop` makes `X-Hop` a header of that connection. */
function connectionNames(headers: HeaderList): Set<string> | undefined {
  for (const [name, value] of headers) {
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    const lower = value.toLowerCase()
    if (lower === 'keep-alive' || lower === 'close') return undefined
    return new Set(lower.split(',').map((part) => part.trim()))
  }
  return undefined
}
