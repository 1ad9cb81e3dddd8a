import { isDigestKey, isIdKey, isTokenKey, normalizeKey } from './key-context.ts'

/** A recognised generated id or token, and what has to stay the same about how it is written. */
export interface IdForm {
  readonly form: 'uuid' | 'ulid' | 'objectid' | 'nanoid' | 'jwt' | 'hex-id' | 'revision' | 'opaque-id' | 'token'
  readonly style: string
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{12}$/i
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i
const HEX = /^[0-9a-f]+$|^[0-9A-F]+$/
/** How often a document was changed, and what came of it: CouchDB and registries write it so. */
const REVISION = /^(\d{1,9})-[0-9a-f]{16,64}$/
const REVISION_KEY = /(?:^|_)rev(?:ision)?$/
const JWT = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/
const TOKEN = /^[\w\-+/=.~]+$/
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const EARLIEST_SECOND = Date.UTC(2001, 0, 1) / 1000
const LATEST_SECOND = Date.UTC(2101, 0, 1) / 1000

function caseOf(text: string): string {
  if (text === text.toLowerCase()) return 'lower'
  return text === text.toUpperCase() ? 'upper' : 'mixed'
}

function uuidForm(text: string): IdForm | undefined {
  const match = UUID.exec(text)
  if (match === null || /^([0f])\1*$/i.test(text.replaceAll('-', ''))) return undefined
  const standard = '89abAB'.includes(match[2] ?? '')
  return { form: 'uuid', style: `${standard ? `v${match[1] ?? ''}` : 'any'} ${caseOf(text)}` }
}

function ulidTime(text: string): number {
  let time = 0
  for (const letter of text.slice(0, 10).toUpperCase()) time = time * 32 + CROCKFORD.indexOf(letter)
  return time / 1000
}

function inClockRange(second: number): boolean {
  return second >= EARLIEST_SECOND && second < LATEST_SECOND
}

/** Shannon entropy of the characters, in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** Letters and digits mixed as no word or counter mixes them. */
function looksRandom(text: string): boolean {
  if (!/[A-Za-z]/.test(text) || !/\d/.test(text)) return false
  const turns = text.match(/[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z]/g)?.length ?? 0
  return turns >= 3 && entropy(text) >= 2.8
}

/** Letters of one case, or a word that begins with a capital, each with what parts it from the rest. */
const PREFIX = /^(?:(?:[a-z]{1,16}|[A-Z]{1,16}|[A-Z][a-z]{1,15})[_-]){1,4}/

/**
 * The part in front of the random one that names the kind of thing: `cus_` of `cus_Nffr3kQ0xK2mZt`. Where the rest has
 * such signs too, it is base64url, and its beginning is chance.
 */
function prefixOf(text: string): string {
  const prefix = PREFIX.exec(text)?.[0] ?? ''
  return /[_-]/.test(text.slice(prefix.length)) ? '' : prefix
}

/** An id or token in a form that only generators write; `key` admits forms that need the field's name. */
export function idTextForm(text: string, key: string | undefined): IdForm | undefined {
  const { length } = text
  if (length < 16 || length > 8192) return undefined
  if (length === 36 && text.charCodeAt(8) === 45) return uuidForm(text)
  if (length === 26 && ULID.test(text) && (text === text.toUpperCase() || isIdKey(key)) && /\d/.test(text)) {
    return inClockRange(ulidTime(text)) ? { form: 'ulid', style: caseOf(text) } : undefined
  }
  if (text.startsWith('eyJ') && JWT.test(text)) return { form: 'jwt', style: '' }
  if (HEX.test(text)) return hexForm(text, key)
  if (key === undefined || isDigestKey(key) || !TOKEN.test(text)) return undefined
  const id = isIdKey(key) || isTokenKey(key)
  if (id || REVISION_KEY.test(normalizeKey(key))) {
    const count = REVISION.exec(text)?.[1]
    if (count !== undefined) return { form: 'revision', style: `${count} ${text.length}` }
  }
  return id ? keyedForm(text, key) : undefined
}

function hexForm(text: string, key: string | undefined): IdForm | undefined {
  if (!/\d/.test(text) || !/[a-f]/i.test(text) || isDigestKey(key)) return undefined
  if (text.length === 24 && inClockRange(Number.parseInt(text.slice(0, 8), 16))) {
    return { form: 'objectid', style: caseOf(text) }
  }
  const named =
    key !== undefined && (isIdKey(key) || isTokenKey(key) || /trace|span|request|correlation/.test(normalizeKey(key)))
  return named ? { form: 'hex-id', style: `${text.length} ${caseOf(text)}` } : undefined
}

function keyedForm(text: string, key: string): IdForm | undefined {
  const prefix = prefixOf(text)
  if (isTokenKey(key) && looksRandom(text) && entropy(text) >= 3) return { form: 'token', style: prefix }
  if (!isIdKey(key)) return undefined
  if (text.length === 21 && /^[\w-]+$/.test(text) && looksRandom(text) && prefix === '')
    return { form: 'nanoid', style: '' }
  const random = text.slice(prefix.length)
  return random.length >= 10 && /^[\w-]+$/.test(random) && looksRandom(random)
    ? { form: 'opaque-id', style: `${prefix} ${caseOf(random)}` }
    : undefined
}
