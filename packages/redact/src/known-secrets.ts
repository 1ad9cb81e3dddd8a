/** Shortest text that is searched for; shorter secrets are replaced only where a key says what they are. */
const WINDOW = 6
/** Below this length a secret counts only as a whole word: `admin1` is not found in `admin123`. */
const WHOLE_WORD_BELOW = 12
const SHIFTS = 1 << 16
const FILTER = 1 << 20
/** So many texts are searched for at most; beyond, those that were seen first are forgotten. */
const MAX_TEXTS = 60_000

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
  /** By the last six characters, then by length, because many tokens end alike only by intent. */
  readonly #byTail = new Map<string, Map<number, Map<string, Known>>>()
  readonly #order: { tail: string; text: string }[] = []
  #forgotten = 0
  /** Characters of the longest text that is searched for. */
  longest = 0

  get size(): number {
    return this.#order.length - this.#forgotten
  }

  add(text: string, number: () => number, wholeRun = false): void {
    if (text.length < WINDOW) return
    const from = text.length - WINDOW
    const tail = text.slice(from)
    let lengths = this.#byTail.get(tail)
    if (!lengths) this.#byTail.set(tail, (lengths = new Map()))
    let texts = lengths.get(text.length)
    if (!texts) lengths.set(text.length, (texts = new Map()))
    if (texts.has(text)) return
    texts.set(text, { text, number, wholeRun })
    this.#order.push({ tail, text })
    this.longest = Math.max(this.longest, text.length)
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
        const lengths = this.#byTail.get(text.slice(from, i + 1))
        if (lengths) {
          const hit = longestEnding(lengths, text, i + 1)
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
    const lengths = this.#byTail.get(oldest.tail)
    lengths?.get(oldest.text.length)?.delete(oldest.text)
    if (lengths?.get(oldest.text.length)?.size === 0) lengths.delete(oldest.text.length)
    if (lengths?.size === 0) this.#byTail.delete(oldest.tail)
    if (this.#forgotten > MAX_TEXTS) {
      this.#order.splice(0, this.#forgotten)
      this.#forgotten = 0
    }
  }
}

function longestEnding(
  lengths: ReadonlyMap<number, ReadonlyMap<string, Known>>,
  text: string,
  end: number,
): KnownHit | undefined {
  let best: KnownHit | undefined
  for (const [size, texts] of lengths) {
    const start = end - size
    if (start < 0 || (best && start >= best.start)) continue
    const known = texts.get(text.slice(start, end))
    if (!known) continue
    if (size < WHOLE_WORD_BELOW && !known.wholeRun) {
      if (start > 0 && isAlphanumeric(text.charCodeAt(start - 1)) && isAlphanumeric(text.charCodeAt(start))) continue
      if (end < text.length && isAlphanumeric(text.charCodeAt(end)) && isAlphanumeric(text.charCodeAt(end - 1)))
        continue
    }
    best = { start, end, known }
  }
  return best
}
