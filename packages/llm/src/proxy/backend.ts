import type { Cassette } from '../cassette/cassette.ts'
import { reasonOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { describeRequest } from '../server/describe-request.ts'
import { type Backend, type Charge, type Exchange, sendError } from '../server/exchange.ts'
import { forward, type Forwarded, type Upstream } from './forward.ts'
import { replay } from './replay.ts'
import { upstreamHeaders } from './upstream-request.ts'

/** What a backend is made of. */
export interface BackendParts {
  readonly mode: Backend['mode']
  readonly cassette: Cassette | undefined
  readonly upstream: Upstream | undefined
  readonly charge: Charge
  readonly timing: 'instant' | 'recorded'
  readonly close: () => Promise<void>
}

/** Answers from the cassette, from the real API, or from both. */
export function createBackend({ mode, cassette, upstream, charge, timing, close }: BackendParts): Backend {
  async function handle(exchange: Exchange): Promise<void> {
    if (cassette !== undefined && (await replay(exchange, cassette, charge, { timing }))) return
    if (upstream === undefined) return miss(exchange, cassette!)
    try {
      const requestAt = upstream.now()
      const answer = await forward(exchange, upstream)
      if (answer !== undefined && cassette !== undefined) await record(exchange, cassette, upstream, answer, requestAt)
    } catch (error) {
      if (!(error instanceof LlmError)) throw error
      exchange.scope.log.add(error.code, error.message)
      // A recording that fails must not disturb an answer that was sent.
      if (exchange.response.headersSent) return
      sendError(exchange, {
        status: 402,
        error: { message: error.message, type: 'budget', code: error.code },
        outcome: 'refused',
        headers: { 'x-should-retry': 'false' },
      })
    }
  }
  return { mode, takesEverything: upstream !== undefined, handle, close }
}

async function miss(exchange: Exchange, cassette: Cassette): Promise<void> {
  const { request, bytes, incoming, scope } = exchange
  const why = cassette.explainMiss({
    method: request.method,
    path: request.path,
    contentType: incoming.headers['content-type'],
    body: bytes,
  })
  const message = `No recording answers this request. ${why}\nRecord again (mode "record") if the request is right.\n${await describeRequest(request)}`
  scope.log.add('KEPLOY_LLM_CASSETTE_MISS', message)
  sendError(exchange, {
    status: 500,
    error: { message, type: 'test_server_error', code: 'KEPLOY_LLM_CASSETTE_MISS' },
    outcome: 'unscripted',
    headers: { 'x-should-retry': 'false' },
  })
}

/** Refusals that another attempt may not meet are not worth keeping; they would be replayed for ever. */
function worthKeeping({ status }: Forwarded): boolean {
  return status < 300 || [400, 404, 413, 422].includes(status)
}

async function record(
  { request, bytes, incoming }: Exchange,
  cassette: Cassette,
  upstream: Upstream,
  answer: Forwarded,
  requestAt: number,
): Promise<void> {
  if (!worthKeeping(answer)) return
  const { body } = answer
  if (body === undefined) {
    const what = `${request.method} ${request.path} was not recorded: the answer is no text that can be searched for secrets.`
    throw new LlmError('KEPLOY_LLM_CASSETTE_WRITE', what)
  }
  try {
    await cassette.add({
      method: request.method,
      path: request.path,
      upstream: upstream.base,
      model: request.model ?? '',
      requestHeaders: upstreamHeaders(incoming.headers, upstream.apiKey),
      requestBody: bytes,
      status: answer.status,
      responseHeaders: answer.headers,
      responseBody: body,
      stream: answer.stream,
      pauses: answer.pauses,
      requestAt,
      responseAt: upstream.now(),
    })
  } catch (error) {
    if (error instanceof LlmError) throw error
    throw new LlmError('KEPLOY_LLM_CASSETTE_WRITE', `An exchange was not recorded: ${reasonOf(error)}.`, {
      cause: error,
    })
  }
}
