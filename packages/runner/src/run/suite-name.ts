import type { TestCase } from '@keploy-framework/format'
import picomatch from 'picomatch'

import { requestPath } from '../send/target.ts'

/**
 * The suite that a route belongs to, for reports: the first path segment that names a thing.
 *
 * @example
 * suiteName('/api/v1/sessions/7?x=1') // 'Sessions'
 */
export function suiteName(path: string): string {
  for (const segment of (path.split(/[?#]/, 1)[0] ?? '').split('/')) {
    let name = names.get(segment)
    if (name === undefined) {
      name = nameOf(segment)
      if (names.size < MAX_NAMES) names.set(segment, name)
    }
    if (name !== '') return name
  }
  return 'Root'
}

/** Tests of one API share their first segments. */
const names = new Map<string, string>()
const MAX_NAMES = 1_000

/** What a segment is called; empty when it names no thing. */
function nameOf(segment: string): string {
  if (segment === '' || segment === 'api' || segment === 'rest' || /^v\d+(\.\d+)*$/.test(segment)) return ''
  return safeDecode(segment)
    .replace(/\.[a-z]+$/i, '')
    .split(/[-_.\s]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Finds suites: what the test itself says, else the first glob that matches its path, else its route. */
export function suiteFinder(suites: Readonly<Record<string, string>> = {}): (test: TestCase) => string {
  const globs = Object.entries(suites).map(([glob, name]) => ({ name, matches: picomatch(glob, { noextglob: true }) }))
  return (test) => {
    if (test.annotations.suite !== undefined) return test.annotations.suite
    const path = requestPath(test.request.url)
    const plain = path.split('?', 1)[0] ?? ''
    return globs.find(({ matches }) => matches(plain))?.name ?? suiteName(path)
  }
}
