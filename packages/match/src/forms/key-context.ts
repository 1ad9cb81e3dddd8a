/** What the name of a field says about its value. Names are compared in any case style: `createdAt`, `created_at`, `Created-At`. */

const TIME_WORD =
  /(?:^|_)(?:at|on|time|timestamp|ts|created|updated|modified|deleted|expires?|expiry|expiration|iat|exp|nbf|now|issued|started|finished|ended|seen|since|until|uptime|epoch)$|^(?:last|date_(?:created|updated|modified))(?:_|$)/
const ID_WORD =
  /(?:^|_)(?:id|ids|uuid|guid|uid|ulid|oid|pid|sid|key|code|ref|reference|handle|etag|nonce|cursor|slug|number|no|name_id)$/
const TOKEN_WORD =
  /(?:^|_)(?:token|secret|session|sid|csrf|xsrf|nonce|otp|jwt|cursor|credential|refresh|access|bearer|signature|state|ticket|api_key|apikey|auth|authorization)(?:_|$)|_key$/
const DIGEST_WORD = /(?:^|_)(?:hash|checksum|digest|sha\d*|md5|crc\d*|integrity|fingerprint|etag|color|colour)(?:_|$)/
const WRAPPERS = new Set([
  'data',
  'result',
  'results',
  'items',
  'content',
  'contents',
  'records',
  'payload',
  'response',
  'body',
  'rows',
  'list',
  'value',
  'values',
  'node',
  'nodes',
  'edges',
  'object',
  'objects',
  'entity',
  'entities',
  'elements',
  'resource',
  'resources',
])

const normalized = new Map<string, string>()

/** `createdAt`, `Created-At` and `created_at` all become `created_at`. */
export function normalizeKey(key: string): string {
  const known = normalized.get(key)
  if (known !== undefined) return known
  const plain = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+/, '')
    .toLowerCase()
  if (normalized.size > 5000) normalized.clear()
  normalized.set(key, plain)
  return plain
}

export function isTimeKey(key: string | undefined): boolean {
  return key !== undefined && TIME_WORD.test(normalizeKey(key))
}

export function isIdKey(key: string | undefined): boolean {
  return key !== undefined && ID_WORD.test(normalizeKey(key))
}

export function isTokenKey(key: string | undefined): boolean {
  return key !== undefined && TOKEN_WORD.test(normalizeKey(key))
}

/** Digests of content are computed, not generated: they are compared as they stand. */
export function isDigestKey(key: string | undefined): boolean {
  return key !== undefined && DIGEST_WORD.test(normalizeKey(key))
}

function singular(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ss|x|ch|sh|z)es$/.test(word)) return word.slice(0, -2)
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

/** What is done, in front of what it is done to: `createBook`, `new_user`, `allBooks`. */
const DEED = /^(?:create|update|upsert|delete|remove|insert|add|new|created|updated|deleted|all)_(?=[a-z]{3})/

/** The entity that a path segment or a field speaks of: `users` and `user` are both `user`. */
export function entityOfWord(word: string): string {
  return singular(normalizeKey(word))
}

/**
 * Whose number an `id` field holds, so that user 1 and order 1 stay apart: `user_id` says it itself, `author: { id }`
 * by its parent (as does `createAuthor: { id }`), and a bare `id` by the route. Undefined when the field is not an id.
 */
export function entityOfKey(key: string, parent: string | undefined, route: string | undefined): string | undefined {
  const plain = normalizeKey(key)
  if (plain === 'id') {
    if (parent === undefined) return route
    const owner = normalizeKey(parent)
    return WRAPPERS.has(owner) ? route : singular(owner.replace(DEED, ''))
  }
  const stem = /^(.+)_ids?$/.exec(plain)?.[1]
  return stem === undefined ? undefined : singular(stem)
}
