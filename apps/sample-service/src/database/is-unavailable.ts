/** Codes of sockets, and classes of Postgres errors that speak of the server and not of the query. */
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])
const POSTGRES = /^(08...|57P0[123]|53[0-9A-Z]{3})$/
const TEXT = /connection terminated|timeout exceeded when trying to connect|query read timeout|cannot use a pool after/i

/** Whether an error of the database means that it is away or overloaded, so that the same query may succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  if (SOCKET.has(code) || POSTGRES.test(code) || TEXT.test(error.message)) return true
  return error instanceof AggregateError ? error.errors.some(isUnavailable) : isUnavailable(error.cause)
}
