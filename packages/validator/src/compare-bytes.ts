import { createHash } from 'node:crypto'

import type { ActualResponse } from './compare-response.ts'
import type { Session } from './session.ts'

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The offset of the first byte that differs; the shorter length when one is the beginning of the other. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return index
  return length
}

/** Compares binary bodies; a failure shows sizes, digests and where they part. */
export function compareBytes(session: Session, expected: Uint8Array, actual: Uint8Array): void {
  if (Buffer.compare(expected, actual) === 0) return
  const offset = firstDifference(expected, actual)
  session.fail({
    kind: 'body',
    path: 'body',
    expected: `${expected.length} bytes, sha256 ${digest(expected)}`,
    actual: `${actual.length} bytes, sha256 ${digest(actual)}`,
    message: `The body has ${actual.length} bytes where ${expected.length} were recorded, and differs from byte ${offset} on.`,
  })
}

/** Compares a body of which only the size, and maybe the digest, was kept. */
export function compareOmitted(
  session: Session,
  expected: { readonly size: number; readonly sha256?: string },
  actual: Pick<ActualResponse, 'body' | 'digest'>,
): void {
  const size = actual.digest?.size ?? actual.body.length
  if (expected.size !== size) {
    const message = `The body has ${size} bytes where ${expected.size} were recorded.`
    session.fail({ kind: 'body', path: 'body', expected: expected.size, actual: size, message })
  } else if (expected.sha256 === undefined) session.allow('body', 'size only: the recording kept no content')
  else {
    const sha256 = actual.digest?.sha256 ?? digest(actual.body)
    if (sha256 === expected.sha256) session.allow('body', 'digest: the recording kept no content')
    else {
      const message = `The body has the recorded size of ${size} bytes, but another content (sha256 ${sha256}).`
      session.fail({ kind: 'body', path: 'body', expected: expected.sha256, actual: sha256, message })
    }
  }
}
