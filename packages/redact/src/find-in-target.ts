import { findInQuery } from './find-in-query.ts'
import { findInText } from './find-in-text.ts'
import type { KeyClasses } from './key-names.ts'
import type { Sink } from './sink.ts'

/** Finds secrets in the parameters and the query of a request target or URL, by their names. */
export function findInTarget(text: string, keys: KeyClasses, sink: Sink): void {
  const query = text.indexOf('?')
  // `/a;jsessionid=…`: parameters in the path.
  const semicolon = text.indexOf(';')
  if (semicolon !== -1 && (query === -1 || semicolon < query)) {
    findInText(query === -1 ? text : text.slice(0, query), keys, sink)
  }
  const hash = text.indexOf('#', Math.max(query, 0))
  if (query !== -1) findInQuery(text, query + 1, hash === -1 ? text.length : hash, keys, sink)
  if (hash !== -1) findInQuery(text, hash + 1, text.length, keys, sink)
}
