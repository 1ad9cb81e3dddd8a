import { entityOfKey, entityOfWord } from '../forms/key-context.ts'

/** What a request's path says about ids: whose ids a bare `id` in the answer is, and which ids the path itself names. */
export interface Route {
  readonly entity: string | undefined
  /** Path segments by value: the `7` of `/users/7` is a user's. */
  readonly ids: ReadonlyMap<string, string>
  /** Names that a GraphQL query gives to fields, and the fields. */
  readonly aliases?: ReadonlyMap<string, string>
}

/** A recorded URL taken apart without changing a byte: `origin + path + query + fragment` is the URL again. */
export interface UrlParts {
  readonly origin: string
  readonly path: string
  /** With the question mark; empty when there is none. */
  readonly query: string
  readonly fragment: string
}

export function splitUrl(url: string): UrlParts {
  const origin = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/.exec(url)?.[0] ?? ''
  const rest = url.slice(origin.length)
  const hash = rest.indexOf('#')
  const beforeHash = hash === -1 ? rest : rest.slice(0, hash)
  const mark = beforeHash.indexOf('?')
  return {
    origin,
    path: mark === -1 ? beforeHash : beforeHash.slice(0, mark),
    query: mark === -1 ? '' : beforeHash.slice(mark),
    fragment: hash === -1 ? '' : rest.slice(hash),
  }
}

/** Percent-decoding that leaves what is not valid as it is. */
export function decodeComponent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The entity of the segment at `index`: the word in front of it. */
export function segmentEntity(segments: readonly string[], index: number): string | undefined {
  const before = segments[index - 1]
  return before === undefined || before === '' ? undefined : entityOfWord(before)
}

export function routeOf(url: string): Route {
  const segments = splitUrl(url).path.split('/').map(decodeComponent)
  const ids = new Map<string, string>()
  let entity: string | undefined
  for (const [index, segment] of segments.entries()) {
    const owner = segmentEntity(segments, index)
    if (owner !== undefined) ids.set(segment, owner)
    if (/^[A-Za-z][A-Za-z_-]*$/.test(segment)) entity = entityOfWord(segment)
  }
  return { entity, ids }
}

/** Whose id a field of a response holds; undefined when it holds none. */
export function entityOfField(
  key: string | undefined,
  parent: string | undefined,
  atRoot: boolean,
  value: string,
  route: Route,
): string | undefined {
  if (key === undefined) return undefined
  const owner = parent === undefined ? undefined : (route.aliases?.get(parent) ?? parent)
  const entity = entityOfKey(key, owner, route.entity)
  // `POST /users/7/activate` answers with the user, not with an "activate".
  return atRoot && parent === undefined && entity === route.entity ? (route.ids.get(value) ?? entity) : entity
}
