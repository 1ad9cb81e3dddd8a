/** The path of a request target, without query and fragment. Absolute targets lose scheme and host. */
export function targetPath(target: string): string {
  let path = target
  if (!path.startsWith('/')) {
    const scheme = path.indexOf('://')
    if (scheme !== -1) {
      const slash = path.indexOf('/', scheme + 3)
      path = slash === -1 ? '/' : path.slice(slash)
    }
  }
  const end = path.search(/[?#]/)
  return end === -1 ? path : path.slice(0, end)
}

/** The parts of a path, without empty ones. */
export function pathSegments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/
const HEX = /^[0-9a-f]{16,}$/i

/** Whether a part of a path looks like the id of something rather than a name. */
export function isIdSegment(segment: string): boolean {
  if (segment.includes('{{')) return true
  if (/^\d+$/.test(segment) || UUID.test(segment) || (HEX.test(segment) && /\d/.test(segment))) return true
  if (ULID.test(segment) && /\d/.test(segment)) return true
  // `session-12345`, `ord_8f3a2b1c`: a word and something with many digits.
  const tail = /^[A-Za-z]+[-_]([A-Za-z0-9]+)$/.exec(segment)?.[1]
  if (tail !== undefined && tail.length >= 4 && /\d/.test(tail) && (/^\d+$/.test(tail) || mixed(tail))) return true
  // A dot is for files and versions: `tiny-package-1.10.0.tgz`.
  return segment.length >= 16 && !segment.includes('.') && mixed(segment)
}

function mixed(text: string): boolean {
  let digits = 0
  let letters = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c >= 48 && c <= 57) digits++
    else if ((c | 32) >= 97 && (c | 32) <= 122) letters++
  }
  return digits >= 2 && letters >= 2
}

/** A path with ids taken out: `/sessions/:id`. */
export function routeTemplate(path: string): string {
  return `/${pathSegments(path)
    .map((segment) => (isIdSegment(segment) ? ':id' : segment))
    .join('/')}`
}

/** The parts of a path that say what it is about: without `api` and `v1` in front. */
export function subjectSegments(path: string): string[] {
  const segments = pathSegments(path)
  let skip = 0
  if (segments[skip]?.toLowerCase() === 'api') skip++
  if (/^v\d+(?:\.\d+)?$/i.test(segments[skip] ?? '')) skip++
  return segments.slice(skip)
}
