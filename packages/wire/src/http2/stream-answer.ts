import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'

import type { HeaderList, Value } from '@keploy-framework/format'

/** Answers one stream. */
export interface StreamAnswer {
  data(chunk: Buffer): void
  end(): void
  close(): void
}

/** Headers of a live request as a list. */
export function headerList(headers: IncomingHttpHeaders): HeaderList {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    return typeof value === 'string' ? [[name, value]] : value.map((one) => [name, one])
  })
}

const CONNECTION_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Recorded headers as HTTP/2 has them: names in lower case, none that belongs to a connection of HTTP/1. */
export function outgoingHeaders(lines: HeaderList): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  for (const [name, value] of lines) {
    const lower = name.toLowerCase()
    if (CONNECTION_HEADERS.has(lower) || lower.startsWith(':') || !/^[!#$%&'*+\-.^_`|~\w]+$/.test(lower)) continue
    const clean = value.replaceAll(/[\r\n\0]/g, ' ')
    const before = headers[lower]
    if (before === undefined) headers[lower] = clean
    else if (lower === 'set-cookie') headers[lower] = [before, clean].flat()
  }
  return headers
}

/** The entries of a list; none of what is no list. */
export function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : []
}
