import { MAX_NAME } from '../defaults.ts'
import type { GraphqlOperation } from './graphql.ts'
import { isIdSegment, subjectSegments } from './route.ts'

const UNSAFE = /[^a-z0-9]+/g

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(UNSAFE, '-')
    .replaceAll(/^-+|-+$/g, '')
}

/** What a test of this method and path is called, without its number: `post-sessions`, `get-sessions-by-id`. */
export function baseName(method: string, path: string): string {
  const words = [slug(method) || 'request']
  const subject = subjectSegments(path)
  for (const segment of subject) {
    const word = isIdSegment(segment) ? 'by-id' : slug(decode(segment))
    if (word !== '') words.push(word)
  }
  if (words.length === 1) words.push('root')
  return cutName(words.join('-'))
}

/** What a test of a GraphQL operation is called: `mutation-create-book`. */
export function operationName({ kind, name }: GraphqlOperation): string {
  return cutName(`${kind}-${slug(name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')) || 'operation'}`)
}

function cutName(name: string): string {
  if (name.length <= MAX_NAME) return name
  const cut = name.slice(0, MAX_NAME)
  const dash = cut.lastIndexOf('-')
  // Whole words, unless that would leave next to nothing.
  return (name.charAt(MAX_NAME) === '-' || dash < MAX_NAME / 2 ? cut : cut.slice(0, dash)).replace(/-+$/, '')
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** A name that somebody gave to a test, as a file can have it; nothing when nothing is left of it. */
export function givenName(wanted: string): string | undefined {
  const name = wanted
    .trim()
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100)
    .replaceAll(/[-.]+$/g, '')
  if (name === '' || /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name)) return undefined
  return name
}

/** Gives every test of a set a name of its own. Case does not tell names apart, because not every disk does. */
export class TestNames {
  readonly #taken: Set<string>
  readonly #next = new Map<string, number>()

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set([...taken].map((name) => name.toLowerCase()))
  }

  /** `base-1`, or the next number that is free. */
  numbered(base: string): string {
    let number = this.#next.get(base) ?? 1
    while (this.#taken.has(`${base}-${number}`.toLowerCase())) number++
    this.#next.set(base, number + 1)
    const name = `${base}-${number}`
    this.#taken.add(name.toLowerCase())
    return name
  }

  /** The name itself, or with a number when it is taken. */
  exact(name: string): string {
    if (this.#taken.has(name.toLowerCase())) return this.numbered(name)
    this.#taken.add(name.toLowerCase())
    return name
  }
}
