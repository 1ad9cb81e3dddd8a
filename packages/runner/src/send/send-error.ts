import type { SendProblem } from './outgoing.ts'

const REFUSED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOENT',
])
const INVALID = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'])
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const CONNECT_TIMEOUT = 'UND_ERR_CONNECT_TIMEOUT'

/** Sorts an error of the HTTP client into the kinds that a person has to tell apart. */
export function describeSendError(error: Error, answered: boolean): SendProblem {
  const code = codeOf(error)
  if (REFUSED.has(code)) {
    return {
      kind: 'refused',
      message: `Nobody accepts connections at the target (${code}). Is the service running there?`,
    }
  }
  if (INVALID.has(code)) {
    return {
      kind: 'invalid-test',
      message: `The recorded request can't be sent: ${error.message}. Correct the test's file.`,
    }
  }
  if (code === CONNECT_TIMEOUT) return { kind: 'timeout', message: 'No connection to the target within the limit.' }
  if (UNTRUSTED.has(code)) {
    return {
      kind: 'connection',
      message: `The service's certificate is not trusted (${code}). Name the file of its authority in NODE_EXTRA_CA_CERTS.`,
    }
  }
  const how = code === 'ECONNRESET' ? 'reset the connection' : 'ended the connection'
  const detail = code === '' || code === 'ECONNRESET' ? error.message : `${code}: ${error.message}`
  return {
    kind: 'connection',
    message: answered
      ? `The service ${how} in the middle of its response (${detail}).`
      : `The service ${how} without an answer (${detail}).`,
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  // Several addresses were tried (::1, 127.0.0.1): the first failure stands for all.
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const { code } = error as NodeJS.ErrnoException
  if (typeof code === 'string' && code !== 'UND_ERR_SOCKET') return code
  return error.cause instanceof Error ? codeOf(error.cause) : ''
}
