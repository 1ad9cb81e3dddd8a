import { redactBody } from './body.ts'
import { applyEdits, type Edit } from './edits.ts'
import { findForms } from './find-forms.ts'
import type { JsonFindings } from './find-in-json.ts'
import { findInTarget } from './find-in-target.ts'
import { findCookies, findInText, isNoValue, isSecretValue, kindOfKey, schemeEnd } from './find-in-text.ts'
import { HEADER_CLASSES, type HeaderClass } from './header-names.ts'
import { PathMatcher } from './json-path.ts'
import { KeyClasses } from './key-names.ts'
import type { RedactorOptions } from './options.ts'
import { escapePlaceholders, placeholderText } from './placeholders.ts'
import { QuickLook } from './quick-look.ts'
import { SecretRegistry, type SecretInfo } from './secret-registry.ts'
import type { Sink } from './sink.ts'
import { createRedactionStream, type RedactionStream } from './stream.ts'
import { UserPatterns } from './user-patterns.ts'

/** A header line as it was sent. */
export type HeaderLine = readonly [name: string, value: string]

/**
 * Replaces secrets by numbered placeholders; one for a whole session. `headers`, `target` and `body` take real traffic:
 * text in it that only looks like a placeholder is escaped. `text` and `stream` take output and logs, in which
 * placeholders stay as they are.
 */
export interface Redactor {
  /** False when it was made with `enabled: false`. */
  readonly enabled: boolean
  headers(list: readonly HeaderLine[], where: string): readonly HeaderLine[]
  /** A request target or URL: path and query. */
  target(target: string, where: string): string
  /** `safe: false`: it may hold secrets that could not be replaced; it must not be stored. */
  body(bytes: Uint8Array, contentType: string | undefined, where: string): { bytes: Uint8Array; safe: boolean }
  text(text: string, where: string): string
  /**
   * Replaces only secrets that were seen by now, wherever they stand; for what was redacted before they were seen.
   */
  seen(text: string, where: string): string
  /**
   * Makes a value known before it is met: one that a replay fills in, or got from a service. From then on it is replaced
   * wherever it turns up. `number`: the one that its recording gave it; default: the next one.
   */
  learn(value: string, secret: { readonly kind: string; readonly number?: number }): void
  /**
   * Says of pieces of JSON, where it can be said at a glance, that `body` leaves them as they are. `text`, `number` and
   * `target` are values whose names say nothing; `name` is such a name. `false` says nothing. Finds are not numbered.
   */
  readonly plain: {
    text(text: string): boolean
    number(value: number): boolean
    name(name: string): boolean
    target(target: string): boolean
  }
  /** For text that comes in pieces, such as the output of a process: finds secrets over the borders of pieces. */
  stream(where: string): RedactionStream
  /** What was replaced so far, by number. */
  secrets(): SecretInfo[]
  /** How many were replaced so far. */
  readonly secretCount: number
  /** The value of a secret: for filling placeholders within the session. Never write it down. */
  value(number: number): string | undefined
}

/** What detectors share; internal to the package. */
export interface Workshop {
  readonly registry: SecretRegistry
  readonly keys: KeyClasses
  readonly paths: PathMatcher | undefined
  readonly patterns: UserPatterns | undefined
  sink(edits: Edit[], where: string): Sink
  /** Adds what is found by form, by pattern and because it was seen before. */
  search(text: string, edits: Edit[], where: string, sink: Sink, json?: JsonFindings): void
  /** Adds only what was seen before. */
  searchKnown(text: string, edits: Edit[], where: string): void
  /** A text of any kind, searched in every way; placeholders in it stay. */
  text(text: string, where: string): string
}

const BASE64 = new Uint8Array(128)
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_') BASE64[c.charCodeAt(0)] = 1

function createWorkshop(options: RedactorOptions): Workshop {
  const registry = new SecretRegistry(options.firstNumber)
  const keys = new KeyClasses(options.keys)
  const paths = options.jsonPaths?.length ? new PathMatcher(options.jsonPaths) : undefined
  const patterns = options.patterns?.length ? new UserPatterns(options.patterns) : undefined

  function sink(edits: Edit[], where: string): Sink {
    return {
      secret(start, end, value, kind, quote) {
        const placed = registry.place(value, kind, where)
        edits.push({ start, end, text: quote ? `${quote}${placed}${quote}` : placed })
        if (kind === 'credentials') learnBasic(value, where)
      },
      replace(start, end, text) {
        edits.push({ start, end, text })
      },
    }
  }

  /** The password in `Basic` credentials is a secret of its own wherever else it turns up. */
  function learnBasic(value: string, where: string): void {
    if (value.length > 1024 || value.length < 8) return
    const decoded = Buffer.from(value, 'base64').toString('utf8')
    const colon = decoded.indexOf(':')
    if (colon !== -1 && !decoded.includes('\ufffd')) registry.learn(decoded.slice(colon + 1), 'password', where)
  }

  function searchKnown(text: string, edits: Edit[], where: string): void {
    const hits = registry.known.find(text)
    if (!hits) return
    for (const hit of hits) {
      let { start, end } = hit
      if (!hit.known.wholeRun) {
        edits.push({ start, end, text: placeholderText(hit.known.number()) })
        continue
      }
      while (start > 0 && (BASE64[text.charCodeAt(start - 1)] ?? 0) === 1) start--
      while (end < text.length && (BASE64[text.charCodeAt(end)] ?? 0) === 1) end++
      edits.push({ start, end, text: registry.place(text.slice(start, end), 'encoded secret', where) })
    }
  }

  const workshop: Workshop = {
    registry,
    keys,
    paths,
    patterns,
    sink,
    searchKnown,
    search(text, edits, where, to, json) {
      findForms(text, to, json)
      patterns?.find(text, to)
      searchKnown(text, edits, where)
    },
    text(text, where) {
      const edits: Edit[] = []
      const to = sink(edits, where)
      findInText(text, keys, to)
      patterns?.find(text, to)
      searchKnown(text, edits, where)
      return edits.length === 0 ? text : applyEdits(text, edits)
    },
  }
  return workshop
}

/** Header names in traffic are few; hostile ones must not fill memory. */
const MAX_NAMES = 2048

/**
 * Makes the redactor of a session.
 *
 * @throws {RedactError} `KEPLOY_REDACT_PATTERN` or `KEPLOY_REDACT_PATH` for an option that cannot be used
 * @example
 * const redactor = createRedactor()
 * redactor.headers([['Authorization', 'Bearer abc']], 'request') // [['Authorization', 'Bearer {{secret.1}}']]
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  const workshop = createWorkshop(options)
  const { registry, keys } = workshop
  if (options.enabled === false) return passThrough()

  const own = new Set((options.headers ?? []).map((name) => name.toLowerCase()))
  const classes = new Map<string, HeaderClass>()

  function classOf(name: string): HeaderClass {
    const cached = classes.get(name)
    if (cached) return cached
    const lower = name.toLowerCase()
    const found: HeaderClass = own.has(lower) ? 'password' : (HEADER_CLASSES.get(lower) ?? keys.of(lower) ?? 'plain')
    if (classes.size >= MAX_NAMES) classes.clear()
    classes.set(name, found)
    return found
  }

  function headerValue(name: string, raw: string, kind: HeaderClass, where: string): string {
    if (kind === 'url') return target(raw, `${where} header ${name}`)
    const value = escapePlaceholders(raw)
    const place = `${where} header ${name}`
    const edits: Edit[] = []
    const to = workshop.sink(edits, place)
    if (kind === 'cookie' || kind === 'set-cookie') findCookies(value, 0, value.length, kind === 'set-cookie', to)
    else if (kind !== 'plain' && kind !== 'skip') {
      const start = kind === 'card' || kind === 'digits' ? 0 : schemeEnd(value)
      const secret = value.slice(start)
      const whole = own.has(name.toLowerCase()) ? !isNoValue(secret) : isSecretValue(kind, secret)
      if (whole)
        to.secret(start, value.length, secret, kind === 'authorization' ? 'credentials' : kindOfKey(kind, name))
    } else if (value.length >= 6) {
      if (value.includes('=')) findInText(value, keys, to)
      workshop.search(value, edits, place, to)
    }
    return edits.length === 0 ? value : applyEdits(value, edits)
  }

  function target(raw: string, where: string): string {
    const text = escapePlaceholders(raw)
    const edits: Edit[] = []
    const to = workshop.sink(edits, where)
    findInTarget(text, keys, to)
    workshop.search(text, edits, where, to)
    return edits.length === 0 ? text : applyEdits(text, edits)
  }

  return {
    enabled: true,
    headers(list, where) {
      let changed: HeaderLine[] | undefined
      for (let i = 0; i < list.length; i++) {
        const line = list[i] as HeaderLine
        const kind = classOf(line[0])
        if (kind === 'skip') continue
        const value = headerValue(line[0], line[1], kind, where)
        if (value !== line[1]) (changed ??= [...list])[i] = [line[0], value]
      }
      return changed ?? list
    },
    target,
    body: (bytes, contentType, where) => redactBody(bytes, contentType, where, workshop),
    text: (text, where) => workshop.text(text, where),
    seen(text, where) {
      const edits: Edit[] = []
      workshop.searchKnown(text, edits, where)
      return edits.length === 0 ? text : applyEdits(text, edits)
    },
    learn(value, { kind, number }) {
      if (value === '') return
      if (number === undefined) registry.learn(value, kind, 'replay')
      else registry.assign(value, number, kind, 'replay')
    },
    plain: new QuickLook(workshop),
    stream: (where) =>
      createRedactionStream(
        (piece) => workshop.text(piece, where),
        () => registry.known.longest,
      ),
    secrets: () => registry.list(),
    get secretCount() {
      return registry.size
    },
    value: (number) => registry.value(number),
  }
}

function passThrough(): Redactor {
  const none = new Uint8Array(0)
  return {
    enabled: false,
    headers: (list) => list,
    target: (target) => target,
    body: (bytes) => ({ bytes, safe: true }),
    text: (text) => text,
    seen: (text) => text,
    learn: () => undefined,
    plain: { text: () => true, number: () => true, name: () => true, target: () => true },
    stream: () => ({ push: (chunk) => chunk, flush: () => none }),
    secrets: () => [],
    secretCount: 0,
    value: () => undefined,
  }
}
