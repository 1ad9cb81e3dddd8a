import { HEALTH_PATHS } from './exclusions.ts'
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

/** The suite that a test belongs to when nobody says: by route, and errors of the client together. */
export function suiteOf(path: string, status: number): string {
  if (path === '/' || HEALTH_PATHS.has(path.toLowerCase())) return 'Health & Status'
  if (status >= 400) return 'Error Handling'
  const subject = subjectSegments(path).find((segment) => !isIdSegment(segment))
  return subject === undefined ? 'General' : `${title(singular(subject)).slice(0, 60)} Management`
}
