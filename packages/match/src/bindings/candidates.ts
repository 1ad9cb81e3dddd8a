import { describeForm, isTimeForm } from '../forms/detect-form.ts'
import { isDigestKey, isIdKey, isTimeKey, isTokenKey } from '../forms/key-context.ts'
import type { PlannedKind } from './binding-plan.ts'
import type { Leaf } from './leaves.ts'

/** What a response leaf may turn out to be. `certain`: its form alone tells; else a later request must carry it. */
export interface Candidate {
  readonly kind: PlannedKind
  readonly form: string
  readonly entity?: string
  readonly certain: boolean
}

/** The circumstances of the response in which a leaf stands. */
export interface ResponseContext {
  /** The request asked for something new: POST, or any method answered with 201. */
  readonly creating: boolean
  /** Milliseconds since the epoch; 0 when unknown. */
  readonly at: number
}

/** How far, in milliseconds, a date may be from the recording to be taken for the clock's without the field's name saying so. */
const NEAR_RECORDING = 24 * 60 * 60 * 1000
const DAY = 24 * 60 * 60 * 1000
const MIDNIGHT = /[T ]00:00(?::00(?:[.,]0+)?)?(?:$|[ Z+-])/
const GENERATING_HEADERS = /^(?:location|link|etag|content-location)$/i

/** The key under which a planned value is kept: short ids and numbers belong to their entity, others stand alone. */
export function valueKey(text: string, entity?: string): string {
  return entity === undefined ? text : `${entity}\0${text}`
}

/** A short text or a word, which equals others by chance; whole numbers are always common. */
function isCommon(text: string): boolean {
  return (
    text.length < 4 || /^-?\d+$/.test(text) || /^(?:[A-Z]?[a-z]+|[A-Z]+)(?:[_-](?:[A-Z]?[a-z]+|[A-Z]+))*$/.test(text)
  )
}

/** What a leaf of a response may be; undefined when it is ordinary data. */
export function candidateOf(leaf: Leaf, context: ResponseContext): Candidate | undefined {
  const { text, key, entity } = leaf
  if (text.length > 4096) return undefined
  if (key !== undefined && leaf.source === 'header' && key.toLowerCase() === 'etag') {
    return { kind: 'token', form: 'etag', certain: true }
  }
  const form = describeForm(text, { key, at: context.at })
  if (form !== undefined) {
    if (isTimeForm(form))
      return isClock(text, form.at, key, context.at) ? { kind: 'time', form: form.form, certain: true } : undefined
    const kind = form.form === 'jwt' || form.form === 'token' ? 'token' : 'id'
    return { kind, form: form.form, certain: true }
  }
  if (isDigestKey(key) || /\s/.test(text)) return undefined
  if (isCommon(text)) return commonCandidate(text, key, entity, context)
  const header = leaf.source === 'header' && !GENERATING_HEADERS.test(key ?? '')
  const generated = leaf.source === 'cookie' || leaf.source === 'path' || isIdKey(key) || isTokenKey(key)
  if (leaf.source === 'text') return text.length >= 8 ? flow('id') : undefined
  return generated && !(header && !isTokenKey(key)) ? flow(isTokenKey(key) ? 'token' : 'id') : undefined
}

function flow(kind: PlannedKind): Candidate {
  return { kind, form: 'value flow', certain: false }
}

function commonCandidate(
  text: string,
  key: string | undefined,
  entity: string | undefined,
  { creating }: ResponseContext,
): Candidate | undefined {
  if (/^\d{6,}$/.test(text) && isTokenKey(key)) return flow('token')
  if (entity === undefined) return undefined
  // Numbers this long are no counters: they are worth following whoever shows them first.
  return creating || /^\d{15,}$/.test(text) ? { kind: 'id', form: 'value flow', entity, certain: false } : undefined
}

/**
 * Dates of birth and release dates are data: a date is the clock's if its field says so, or if it is close to the
 * recording. A day or a midnight that had long passed is data in any field: who stores a moment does not hit it.
 */
function isClock(text: string, value: number | undefined, key: string | undefined, recordedAt: number): boolean {
  if (value === undefined || recordedAt === 0) return true
  if (Math.abs(value - recordedAt) <= NEAR_RECORDING) return true
  const past = value < recordedAt
  return isTimeKey(key) && !(past && (value % DAY === 0 || MIDNIGHT.test(text)))
}
