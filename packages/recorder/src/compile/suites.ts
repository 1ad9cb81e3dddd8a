import { HEALTH_PATHS } from './exclusions.ts'
import type { GraphqlOperation } from './graphql.ts'
import { isIdSegment, subjectSegments } from './route.ts'

function singular(word: string): string {
  if (/ies$/i.test(word)) return word.replace(/ies$/i, 'y')
  if (/(?:sses|shes|ches|xes)$/i.test(word)) return word.slice(0, -2)
  return /[^s]s$/i.test(word) && word.length > 3 ? word.slice(0, -1) : word
}

function title(word: string): string {
  return word
    .split(/[-_.\s]+/)
    .filter((part) => part !== '')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ')
}

const GRAPHQL = { query: 'Queries', mutation: 'Mutations', subscription: 'Subscriptions' } as const

/** The suite that a test belongs to when nobody says: by route or GraphQL operation, and errors of the client together. */
export function suiteOf(path: string, status: number, operation?: GraphqlOperation): string {
  if (operation !== undefined) return status >= 400 ? 'Error Handling' : GRAPHQL[operation.kind]
  if (path === '/' || HEALTH_PATHS.has(path.toLowerCase())) return 'Health & Status'
  if (status >= 400) return 'Error Handling'
  const subject = subjectSegments(path).find((segment) => !isIdSegment(segment) && /[\p{L}\p{N}]/u.test(segment))
  return subject === undefined ? 'General' : `${title(singular(subject)).slice(0, 60)} Management`
}
