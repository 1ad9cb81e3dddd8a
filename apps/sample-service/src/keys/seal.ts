import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

import type { KeyRing } from './key-ring.ts'

/** A value that cannot be read: changed, cut off, of another owner, or encrypted by a key that is not there. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

const ALGORITHM = 'aes-256-gcm'
/** What GCM is made for: 96 random bits, new for every value. */
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1'

/**
 * Encrypts a value with AES-256-GCM (NIST SP 800-38D), as `v1.KEY_ID.BASE64URL` of nonce, ciphertext and tag. `owner` is
 * authenticated with it and not stored in it, so that a value that is moved to another owner cannot be read there.
 *
 * @example
 * const sealed = seal('sk-123', ['clinic', 'zoe', 'openai'], ring)
 * open(sealed, ['clinic', 'zoe', 'openai'], ring) // 'sk-123'
 */
export function seal(value: string, owner: readonly string[], ring: KeyRing): string {
  const key = ring.keys.get(ring.current)
  if (!key) throw new SealError('The current key is not on the ring.')
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associatedData(ring.current, owner))
  const parts = [nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return `${VERSION}.${ring.current}.${Buffer.concat(parts).toString('base64url')}`
}

/**
 * Decrypts what `seal` made for the same owner.
 *
 * @throws SealError whatever is wrong with it; the message does not say which bit
 */
export function open(sealed: string, owner: readonly string[], ring: KeyRing): string {
  const [, id, text] = /^v1\.([\w-]+)\.([\w-]+)$/.exec(sealed) ?? []
  if (id === undefined || text === undefined) throw new SealError('This is no encrypted value.')
  const key = ring.keys.get(id)
  if (!key) throw new SealError(`The key ${id} is not on the ring.`)
  const bytes = Buffer.from(text, 'base64url')
  // Base64 has spare bits at its end, by which two texts could mean the same bytes.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) {
    throw new SealError('This is no encrypted value.')
  }
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(associatedData(id, owner))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const value = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
    return value.toString('utf8')
  } catch (error) {
    throw new SealError('The value was changed, or is of another owner or key.', { cause: error })
  }
}

/** Which key encrypted a value. */
export const keyIdOf = (sealed: string): string | undefined => /^v1\.([\w-]+)\./.exec(sealed)?.[1]

/** JSON keeps ['a', 'bc'] and ['ab', 'c'] apart. */
const associatedData = (id: string, owner: readonly string[]): Buffer =>
  Buffer.from(JSON.stringify([VERSION, id, ...owner]))
