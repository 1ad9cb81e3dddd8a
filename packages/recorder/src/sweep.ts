import { isUtf8 } from 'node:buffer'

import type { Call, HttpExchange } from '@keploy-framework/format'
import { unpackGzip } from '@keploy-framework/redact'
import type { Redactor } from '@keploy-framework/redact'

import { redactCall } from './calls/redact-call.ts'
import { redactExchange, type Redacted } from './redact-exchange.ts'

/**
 * Goes over an exchange of the journal again, for secrets that the session met only later: a token that was first seen
 * in a body as plain text, and known for one when a header carried it.
 */
export function sweepExchange(redactor: Redactor, exchange: HttpExchange): Redacted<HttpExchange> {
  if (redactor.secretCount === 0) return { value: exchange, notes: undefined }
  return redactExchange(sweeperOf(redactor), exchange)
}

/** The same for a call to a dependency. */
export function sweepCall(redactor: Redactor, call: Call): ReturnType<typeof redactCall> {
  if (redactor.secretCount === 0) return { value: call, unsafe: false }
  return redactCall(sweeperOf(redactor), call)
}

/** Finds only what the session has met; what was redacted before stays as it is. */
function sweeperOf(redactor: Redactor): Redactor {
  return {
    ...redactor,
    enabled: true,
    headers: (list, where) => list.map(([name, value]) => [name, redactor.seen(value, where)] as const),
    target: (target, where) => redactor.seen(target, where),
    text: (text, where) => redactor.seen(text, where),
    body(bytes, _type, where) {
      const inside = unpackGzip(bytes)
      if (inside !== undefined) return { bytes, safe: isUnseen(redactor, inside, where) }
      const encoding = isUtf8(bytes) ? 'utf8' : 'latin1'
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding)
      const clean = redactor.seen(text, where)
      if (clean === text) return { bytes, safe: true }
      return encoding === 'utf8' ? { bytes: Buffer.from(clean, 'utf8'), safe: true } : { bytes, safe: false }
    },
  }
}

/** Whether bytes that cannot be rewritten hold no secret of the session. */
function isUnseen(redactor: Redactor, bytes: Uint8Array, where: string): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return redactor.seen(text, where) === text
}
