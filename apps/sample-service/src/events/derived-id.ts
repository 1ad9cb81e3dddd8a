import { createHash } from 'node:crypto'

/**
 * An id that follows from another one: the same input gives the same id on every machine, so that an event that is
 * delivered twice leads to one answer and not to two. A UUID of version 8 (RFC 9562), made from SHA-256.
 *
 * @example
 * derivedId('answer', 'e1') === derivedId('answer', 'e1') // true
 */
export function derivedId(purpose: string, id: string): string {
  const bytes = createHash('sha256').update(`${purpose}\0${id}`).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
