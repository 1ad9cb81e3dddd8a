import type { HeaderList, HeaderPair } from '../vocabulary/headers.ts'
import { isRecord, own, scalarText } from '../yaml/values.ts'

/** Reads a header mapping: scalars of any kind; sequences (one entry per line of the header) are accepted too. */
export function decodeHeaders(value: unknown): HeaderPair[] {
  if (!isRecord(value)) return []
  const pairs: HeaderPair[] = []
  for (const name of Object.keys(value)) {
    const item = own(value, name)
    if (Array.isArray(item)) {
      for (const line of item) pairs.push([name, scalarText(line) ?? ''])
    } else {
      const text = scalarText(item) ?? ''
      if (name.toLowerCase() === 'set-cookie') for (const cookie of splitCookies(text)) pairs.push([name, cookie])
      else pairs.push([name, text])
    }
  }
  return pairs
}

// A comma that joins two cookies stands in front of `name=`; one within a cookie (`Expires=Wed, 09 Jun…`) does not.
const cookieJoint = /,(?=[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+=)/

function splitCookies(text: string): string[] {
  return text.split(cookieJoint).map((cookie) => cookie.trim())
}

/** A header mapping as Keploy writes it: sorted names, values of one name joined by a comma. */
export function joinHeaders(headers: HeaderList): Record<string, string> {
  const joined = new Map<string, string>()
  const spelling = new Map<string, string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const known = spelling.get(lower)
    if (known === undefined) {
      spelling.set(lower, name)
      joined.set(name, value)
    } else {
      joined.set(known, `${joined.get(known)},${value}`)
    }
  }
  return Object.fromEntries([...joined].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

/** The values of every header that stands more than once, for the sidecar. */
export function repeatedHeaders(headers: HeaderList): Record<string, string[]> | undefined {
  const all = new Map<string, { name: string; values: string[] }>()
  for (const [name, value] of headers) {
    const entry = all.get(name.toLowerCase())
    if (entry === undefined) all.set(name.toLowerCase(), { name, values: [value] })
    else entry.values.push(value)
  }
  const repeated = [...all.values()].filter(({ values }) => values.length > 1)
  return repeated.length === 0 ? undefined : Object.fromEntries(repeated.map(({ name, values }) => [name, values]))
}

/**
 * Puts repeated headers back in place of their joined form. Where the file says something else than the joined form, it
 * was edited, and the file wins.
 */
export function restoreHeaders(headers: HeaderList, repeated: Record<string, readonly string[]>): HeaderPair[] {
  const byName = new Map(Object.entries(repeated).map(([name, values]) => [name.toLowerCase(), values]))
  const joined = new Map<string, string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const before = joined.get(lower)
    joined.set(lower, before === undefined ? value : `${before},${value}`)
  }
  const done = new Set<string>()
  return headers.flatMap(([name, value]): HeaderPair[] => {
    const lower = name.toLowerCase()
    const values = byName.get(lower)
    if (values === undefined || !sameWhenJoined(joined.get(lower)!, values)) return [[name, value]]
    if (done.has(lower)) return []
    done.add(lower)
    return values.map((each): HeaderPair => [name, each])
  })
}

function sameWhenJoined(text: string, values: readonly string[]): boolean {
  return text === values.join(',') || text === values.map((value) => splitCookies(value).join(',')).join(',')
}
