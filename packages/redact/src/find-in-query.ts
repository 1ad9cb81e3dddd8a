import { decodePercent } from './find-forms.ts'
import { isSecretValue, kindOfKey } from './find-in-text.ts'
import type { KeyClasses } from './key-names.ts'
import type { Sink } from './sink.ts'

/** Fields of an OAuth exchange that carry secrets only there; elsewhere a `code` is a country. */
const OAUTH_FIELDS = new Set(['code', 'assertion', 'device_code'])

/** A value as it was before it was encoded for a query or a form. */
export function decodeFormValue(text: string): string {
  return decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

/**
 * Finds secrets in `a=1&b=2` between `from` and `to`. Percent-encoding is undone for the name and for the value that is
 * remembered.
 */
export function findInQuery(text: string, from: number, to: number, keys: KeyClasses, sink: Sink): void {
  const oauth = text.includes('grant_type=') || text.includes('redirect_uri=') || text.includes('response_type=')
  let i = from
  while (i < to) {
    let stop = text.indexOf('&', i)
    if (stop === -1 || stop > to) stop = to
    let equals = i
    while (equals < stop && text.charCodeAt(equals) !== 61) equals++
    if (equals < stop && equals - i <= 200) {
      const name = decodeFormValue(text.slice(i, equals))
      const kind = keys.of(name) ?? (oauth && OAUTH_FIELDS.has(name.toLowerCase()) ? 'token' : undefined)
      if (kind) {
        const value = decodeFormValue(text.slice(equals + 1, stop))
        if (isSecretValue(kind, value)) sink.secret(equals + 1, stop, value, kindOfKey(kind, name))
      }
    }
    i = stop + 1
  }
}
