import { createHash } from 'node:crypto'

import { readJwt, type JwtRecord } from './jwt.ts'
import { isDistinctive, KnownSecrets } from './known-secrets.ts'
import { placeholderText } from './placeholders.ts'

/** One secret that was replaced: never the secret itself. */
export interface SecretInfo {
  /** The number in `{{secret.N}}`. */
  readonly number: number
  /** What it is, for example `JWT`, `password field`, `cookie`. Ends with `(number)` for a number in JSON. */
  readonly kind: string
  /** Where it was first seen, for example `request header Authorization`. */
  readonly firstSeen: string
  /** For a JWT: its header and the claims that say nothing about a person. */
  readonly jwt?: JwtRecord
}

/** So many values are kept at most; of older ones only the number is known. */
const MAX_VALUES = 50_000
/** Longer values are told apart by their digest, so that a session of a million tokens does not hold them all. */
const MAX_KEY = 64
/** How many values are recognised without computing a digest. */
const MAX_RECENT = 1024

/** Encoded forms are searched for only up to this length, because each costs memory for the whole session. */
const MAX_ENCODED = 128

function keyOf(value: string): string {
  return value.length <= MAX_KEY ? value : createHash('sha256').update(value).digest('base64')
}

/** Numbers secrets by first sight and knows all that it has seen. */
export class SecretRegistry {
  readonly #numbers = new Map<string, number>()
  readonly #values = new Map<number, string>()
  readonly #recent = new Map<string, number>()
  readonly #infos: SecretInfo[] = []
  readonly #learned = new Set<string>()
  /** The number of the next secret. */
  #next: number
  readonly known = new KnownSecrets()

  constructor(first = 1) {
    this.#next = first
  }

  /** The placeholder of a secret. */
  place(value: string, kind: string, where: string): string {
    return placeholderText(this.number(value, kind, where))
  }

  number(value: string, kind: string, where: string): number {
    // A number 1234 and a text "1234" are filled differently, so they are two secrets.
    const name = kind.endsWith('(number)') ? `#${value}` : value
    const recent = this.#recent.get(name)
    if (recent !== undefined) return recent
    const key = keyOf(name)
    const number = this.#numbers.get(key) ?? this.#add(key, value, kind, where)
    if (this.#recent.size >= MAX_RECENT) this.#recent.clear()
    this.#recent.set(name, number)
    return number
  }

  #add(key: string, value: string, kind: string, where: string): number {
    const number = this.#next++
    this.#numbers.set(key, number)
    this.#values.set(number, value)
    if (this.#values.size > MAX_VALUES) this.#values.delete(number - MAX_VALUES)
    const jwt = readJwt(value)
    this.#infos.push({ number, kind: jwt ? 'JWT' : kind, firstSeen: where, ...(jwt && { jwt }) })
    this.learn(value, kind, where, number)
    return number
  }

  /** Gives a value the number that a recording gave it, so that both sides of a replay show the same placeholder. */
  assign(value: string, number: number, kind: string, where: string): void {
    const name = kind.endsWith('(number)') ? `#${value}` : value
    if (this.#numbers.has(keyOf(name))) return
    this.#numbers.set(keyOf(name), number)
    this.#values.set(number, value)
    // What is found from here on must not get a number that a recording has given to something else.
    this.#next = Math.max(this.#next, number + 1)
    this.learn(value, kind, where, number)
  }

  /** Searches for a secret from now on, without a number until it is met. */
  learn(value: string, kind: string, where: string, number?: number): void {
    if (!isDistinctive(value)) return
    const key = keyOf(value)
    if (this.#learned.has(key)) return
    this.#learned.add(key)
    let given = number
    const numberOf = (): number => (given ??= this.number(value, kind, where))
    this.known.add(value, numberOf)
    if (value.length > MAX_ENCODED) return
    // Half a surrogate pair has no encoded form.
    const url = value.isWellFormed() ? encodeURIComponent(value) : value
    if (url !== value) this.known.add(url, numberOf)
    const json = JSON.stringify(value).slice(1, -1)
    if (json !== value) this.known.add(json, numberOf)
    if (value.length < 8) return
    const bytes = Buffer.from(value, 'utf8')
    for (let shift = 0; shift < 3; shift++) {
      // Base64 of the secret inside something longer: the characters that it fixes whatever stands around it.
      const text = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .replaceAll('=', '')
      const first = Math.ceil((shift * 8) / 6)
      const last = Math.floor(((shift + bytes.length) * 8) / 6)
      const core = text.slice(first, last)
      if (core.length < 9) continue
      this.known.add(core, numberOf, true)
      const urlCore = core.replaceAll('+', '-').replaceAll('/', '_')
      if (urlCore !== core) this.known.add(urlCore, numberOf, true)
    }
  }

  value(number: number): string | undefined {
    return this.#values.get(number)
  }

  list(): SecretInfo[] {
    return [...this.#infos]
  }

  get size(): number {
    return this.#infos.length
  }
}
