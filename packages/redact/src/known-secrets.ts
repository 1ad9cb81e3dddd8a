/** Shortest text that is searched for; shorter secrets are replaced only where a key says what they are. */
const WINDOW = 6
/** Below this length a secret counts only as a whole word: `admin1` is not found in `admin123`. */
const WHOLE_WORD_BELOW = 12
const SHIFTS = 1 << 16
const FILTER = 1 << 20
/** So many texts are searched for at most; beyond, those that were seen first are forgotten. */
const MAX_TEXTS = 60_000
/** What JSON without strings is made of: numbers, `true`, `false` and `null`, and what stands between them. */
const STRUCTURE = /[,:[\]{}]/
const BARE_VALUES = /^[-+.\deEtrufalsn,:[\]{}]*$/

interface Known {
  readonly text: string
  readonly number: () => number
  /** The word around it goes with it: base64 that holds the secret cannot be cut. */
  readonly wholeRun: boolean
}

export interface KnownHit {
  readonly start: number
  readonly end: number
  readonly known: { readonly number: () => number; readonly wholeRun: boolean }
}

function isAlphanumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

function hash(text: string, at: number): number {
  let h = 0
  for (let i = at; i < at + WINDOW; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0
  return (h ^ (h >>> 13)) & (FILTER - 1)
}

/**
 * Whether a secret is distinctive enough to be searched for everywhere. A password `adventure` is not: it would turn
 * every mention of the word into a placeholder.
 */
export function isDistinctive(text: string): boolean {
  if (text.length < WINDOW) return false
  let lower = 0
  let upper = 0
  let digit = 0
  let other = 0
  for (let i = 0; i < text.length && i < 64; i++) {
    const c = text.charCodeAt(i)
    if (c >= 97 && c <= 122) lower = 1
    else if (c >= 65 && c <= 90) upper = 1
    else if (c >= 48 && c <= 57) digit = 1
    else other = 1
  }
  const classes = lower + upper + digit + other
  if (classes >= 2) return !(classes === 2 && upper === 1 && lower === 1 && text.length < 10)
  return text.length >= (digit === 1 ? 13 : 16)
}

/**
 * Many texts searched for at once, in about one step per five characters while they are few (Wu and Manber's shifts
 * over the last six characters of each text, then a hash of these six).
 */
export class KnownSecrets {
  readonly #shift = new Uint8Array(SHIFTS).fill(WINDOW - 1)
  readonly #filter = new Uint8Array(FILTER >> 3)
  /** By the last six characters. */
  readonly #byTail = new Map<string, Bucket>()
  readonly #order: { tail: string; text: string }[] = []
  #forgotten = 0
  /** Characters of the longest text that is searched for. */
  longest = 0
  /** Changes with every text that is added. */
  version = 0
  /** Whether a text was added that may begin in one value of JSON and end in another: with a quote, or of numbers and commas. */
  crossesValues = false

  get size(): number {
    return this.#order.length - this.#forgotten
  }

  add(text: string, number: () => number, wholeRun = false): void {
    if (text.length < WINDOW) return
    const from = text.length - WINDOW
    const tail = text.slice(from)
    let bucket = this.#byTail.get(tail)
    if (!bucket) this.#byTail.set(tail, (bucket = new Bucket()))
    if (!bucket.add({ text, number, wholeRun })) return
    this.#order.push({ tail, text })
    this.longest = Math.max(this.longest, text.length)
    this.version++
    this.crossesValues ||= text.includes('"') || (STRUCTURE.test(text) && BARE_VALUES.test(text))
    for (let i = 0; i + 1 < WINDOW; i++) {
      const block = ((tail.charCodeAt(i) << 8) ^ tail.charCodeAt(i + 1)) & (SHIFTS - 1)
      const shift = WINDOW - 2 - i
      if ((this.#shift[block] as number) > shift) this.#shift[block] = shift
    }
    const h = hash(tail, 0)
    this.#filter[h >> 3] = (this.#filter[h >> 3] as number) | (1 << (h & 7))
    if (this.size > MAX_TEXTS) this.#forgetOldest()
  }

  /** Every place where a known text stands; places may overlap. */
  find(text: string): KnownHit[] | undefined {
    if (this.size === 0) return undefined
    const shifts = this.#shift
    const filter = this.#filter
    const length = text.length
    let hits: KnownHit[] | undefined
    let i = WINDOW - 1
    while (i < length) {
      const shift = shifts[((text.charCodeAt(i - 1) << 8) ^ text.charCodeAt(i)) & (SHIFTS - 1)] as number
      if (shift > 0) {
        i += shift
        continue
      }
      const from = i - WINDOW + 1
      const h = hash(text, from)
      if (((filter[h >> 3] as number) & (1 << (h & 7))) !== 0) {
        const bucket = this.#byTail.get(text.slice(from, i + 1))
        if (bucket) {
          const hit = bucket.longestEnding(text, i + 1)
          if (hit) (hits ??= []).push(hit)
        }
      }
      i++
    }
    return hits
  }

  #forgetOldest(): void {
    const oldest = this.#order[this.#forgotten++]
    if (!oldest) return
    const bucket = this.#byTail.get(oldest.tail)
    if (bucket?.delete(oldest.text) === true) this.#byTail.delete(oldest.tail)
    if (this.#forgotten > MAX_TEXTS) {
      this.#order.splice(0, this.#forgotten)
      this.#forgotten = 0
    }
  }
}

/** Whether a short text stands as a whole word. */
function isWhole(text: string, start: number, end: number): boolean {
  if (start > 0 && isAlphanumeric(text.charCodeAt(start - 1)) && isAlphanumeric(text.charCodeAt(start))) return false
  return !(end < text.length && isAlphanumeric(text.charCodeAt(end)) && isAlphanumeric(text.charCodeAt(end - 1)))
}

/** From so many on the texts of a bucket are looked up by length; tokens end alike only by intent. */
const CROWDED = 8

/** The texts that end in the same characters. */
class Bucket {
  #few: Known[] = []
  #byLength: Map<number, Map<string, Known>> | undefined

  add(known: Known): boolean {
    if (this.#find(known.text)) return false
    if (this.#byLength) this.#index(known)
    else if (this.#few.push(known) > CROWDED) for (const one of this.#few.splice(0)) this.#index(one)
    return true
  }

  /** Tells whether nothing is left. */
  delete(text: string): boolean {
    if (!this.#byLength) {
      this.#few = this.#few.filter((known) => known.text !== text)
      return this.#few.length === 0
    }
    const texts = this.#byLength.get(text.length)
    texts?.delete(text)
    if (texts?.size === 0) this.#byLength.delete(text.length)
    return this.#byLength.size === 0
  }

  longestEnding(text: string, end: number): KnownHit | undefined {
    let best: KnownHit | undefined
    const consider = (known: Known | undefined): void => {
      if (!known) return
      const start = end - known.text.length
      if (best && start >= best.start) return
      if (known.text.length < WHOLE_WORD_BELOW && !known.wholeRun && !isWhole(text, start, end)) return
      best = { start, end, known }
    }
    if (!this.#byLength) {
      for (const known of this.#few) if (text.endsWith(known.text, end)) consider(known)
      return best
    }
    for (const [size, texts] of this.#byLength) if (size <= end) consider(texts.get(text.slice(end - size, end)))
    return best
  }

  #find(text: string): Known | undefined {
    return this.#byLength ? this.#byLength.get(text.length)?.get(text) : this.#few.find((known) => known.text === text)
  }

  #index(known: Known): void {
    const lengths = (this.#byLength ??= new Map<number, Map<string, Known>>())
    const texts = lengths.get(known.text.length)
    if (texts) texts.set(known.text, known)
    else lengths.set(known.text.length, new Map([[known.text, known]]))
  }
}
