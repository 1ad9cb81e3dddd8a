import { randomBytes } from 'node:crypto'

/** The keys that encrypt. New values are encrypted by the current one; the others still decrypt what they encrypted. */
export interface KeyRing {
  /** The id of one of `keys`. */
  readonly current: string
  /** Keys of 32 bytes, by their ids. */
  readonly keys: ReadonlyMap<string, Uint8Array>
}

/** A ring with one key, which nobody else has. */
export function newKeyRing(): KeyRing {
  return { current: 'new', keys: new Map([['new', randomBytes(32)]]) }
}

const ENTRY = /^([\w-]{1,32}):([A-Za-z0-9+/]{43}=)$/

/**
 * Reads keys as they stand in the environment: `id:base64,id:base64`, each of 32 bytes, the current one first. To rotate,
 * put a new one before the others, re-encrypt what is stored, and then take the old one away. Undefined for any other
 * text; a part of it is never shown, because it may be a key.
 *
 * @example
 * parseKeyRing(`2026-11:${randomBytes(32).toString('base64')}`)?.current // '2026-11'
 */
export function parseKeyRing(text: string): KeyRing | undefined {
  const entries = text.split(',').map((entry) => ENTRY.exec(entry.trim()))
  const keys = new Map<string, Uint8Array>()
  for (const entry of entries) {
    const [, id, key] = entry ?? []
    if (id === undefined || key === undefined || keys.has(id)) return undefined
    keys.set(id, Buffer.from(key, 'base64'))
  }
  const [current] = keys.keys()
  return current === undefined ? undefined : { current, keys }
}
