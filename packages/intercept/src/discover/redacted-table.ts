import type { PlannedRelay } from './planned-relay.ts'
import { addressList, type Address } from './setting.ts'

const WIDTH = 80

/**
 * One line for each relay, for the start of a run: `DATABASE_URL  postgres db:5432 → 127.0.0.1:41873`. Without
 * credentials, at most 80 columns wide, with control characters written out.
 *
 * @example
 * redactedTable(relays, [[{ host: '127.0.0.1', port: 41873 }]]).join('\n')
 */
export function redactedTable(relays: readonly PlannedRelay[], addresses: readonly (readonly Address[])[]): string[] {
  const rows = relays.map(({ source, dependency }, index) => ({
    source: shown(source),
    dependency: shown(dependency),
    to: shown(addressList(addresses[index]?.slice(0, 1) ?? [])) + more(addresses[index]?.length ?? 0),
  }))
  const widest = (values: readonly string[], most: number): number =>
    Math.min(most, Math.max(0, ...values.map((value) => value.length)))
  const to = widest(
    rows.map((row) => row.to),
    28,
  )
  const source = widest(
    rows.map((row) => row.source),
    26,
  )
  const dependency = widest(
    rows.map((row) => row.dependency),
    WIDTH - source - to - 5,
  )
  return rows.map((row) =>
    `${fit(row.source, source)}  ${fit(row.dependency, dependency)} → ${cut(row.to, to)}`.trimEnd(),
  )
}

function more(count: number): string {
  return count > 1 ? ` +${count - 1}` : ''
}

function fit(text: string, width: number): string {
  return cut(text, width).padEnd(width)
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`
}

/** Control characters, and those that turn the direction of text, as `\u001b`. */
function shown(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
