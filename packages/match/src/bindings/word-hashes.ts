/** Longer than a UUID: only such a run can be one that `tokenize` takes apart. */
const GLUED = 37
const HAS_UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i
/** A date of HTTP ends a word even where the run goes on. */
const LONG_DATE = / GMT[\w-]/

/** Letters, digits, `_` and `-`: the characters of a run. */
const RUN = new Uint8Array(128)
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-') RUN[char.charCodeAt(0)] = 1

/**
 * Hashes of the runs of word characters in texts, as a note of what they may hold that takes four bytes a run. A text
 * that holds a value (as a whole, or as one of its words) has the hash of the value's first run; the opposite is only
 * likely.
 */
export class WordHashes {
  #hashes = new Uint32Array(256)
  #count = 0
  /** Set when a text was seen whose words are not told by its runs. */
  #open = false

  add(text: string): void {
    let hash = 0
    let start = -1
    let longest = 0
    const before = this.#count
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code < 128 && RUN[code] === 1) {
        if (start === -1) start = at
        hash = Math.imul(hash ^ code, 0x01_00_01_93)
      } else if (start !== -1) {
        this.#push(hash)
        longest = Math.max(longest, at - start)
        hash = 0
        start = -1
      }
    }
    if (start !== -1) {
      this.#push(hash)
      longest = Math.max(longest, text.length - start)
    }
    if (this.#count === before) this.#push(0)
    if ((longest >= GLUED && HAS_UUID.test(text)) || (text.length >= 30 && LONG_DATE.test(text))) this.#open = true
  }

  /** What was noted since the last call; undefined when it says nothing, so that the texts have to be looked at. */
  take(): Uint32Array | undefined {
    const taken = this.#open ? undefined : this.#hashes.slice(0, this.#count)
    this.#count = 0
    this.#open = false
    return taken
  }

  #push(hash: number): void {
    if (this.#count === this.#hashes.length) {
      const grown = new Uint32Array(this.#count * 2)
      grown.set(this.#hashes)
      this.#hashes = grown
    }
    this.#hashes[this.#count++] = hash >>> 0
  }
}

/** The hash that every text which holds the value has among its own. */
export function firstRunHash(value: string): number {
  let hash = 0
  let started = false
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code < 128 && RUN[code] === 1) {
      started = true
      hash = Math.imul(hash ^ code, 0x01_00_01_93)
    } else if (started) break
  }
  return hash >>> 0
}

/** Whether `tokenize` may find a word of at least so many characters in a text; a quick look. */
export function mayHoldWord(text: string, length: number): boolean {
  let run = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    run = code < 128 && RUN[code] === 1 ? run + 1 : 0
    // What else words are made of: times of day have colons, tokens points.
    if (run >= length || code === 58 || code === 46) return true
  }
  return false
}
