import type { IncomingMessage, ServerResponse } from 'node:http'

import { formatCost } from '../cost/format-cost.ts'
import { CostLedger } from '../cost/ledger.ts'
import { type PriceTable, withPrices } from '../cost/prices.ts'
import { reasonOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { checkNumber } from '../options.ts'
import { answerStep } from './answer-step.ts'
import { describeNearest, describeRequest } from './describe-request.ts'
import { type Backend, type Charge, createCharge, type Exchange, sendError } from './exchange.ts'
import { listen } from './listen.ts'
import { type LlmScope, scopeHandle, ScopeState } from './llm-scope.ts'
import { sendModels } from './models.ts'
import { openRequest, parseBody, placeOf, type RequestPlace } from './parse-request.ts'
import { readBody } from './read-body.ts'

/** How any server of this package is made. */
export interface LlmServerOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Names that `GET /v1/models` lists. Default: those of the price table. */
  readonly models?: readonly string[]
  /** Prices that go before the built-in ones. Default: none. */
  readonly prices?: Partial<PriceTable>
  /** Whether `close` throws for what `assertComplete` would throw for. Default: true. */
  readonly strict?: boolean
  /** The largest request, in bytes; a larger one is answered 413. Default: 64 MiB. */
  readonly maxBodyBytes?: number
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number
}

/** A running server. */
export interface LlmServer extends LlmScope {
  readonly mode: 'mock' | 'replay' | 'record' | 'live'
  readonly port: number
  /**
   * The scope of a test, made when it is first asked for. Tests that run at the same time do not see each other's
   * scripts, requests and cost; the server's own scripts are not theirs.
   */
  scope(testId: string): LlmScope
  /** Costs of each test and of the run, as a table. */
  costReport(): string
}

/** The parts that a mode adds. */
export interface LlmServerParts {
  /** Makes what answers requests that no script answers. */
  readonly backend?: (charge: Charge, prices: PriceTable) => Backend
  /** Called with the costs when the server has closed. */
  readonly onReport?: (report: string) => void
  /** Fills the server's own scope before it listens. */
  readonly own?: ScopeState
}

/**
 * Starts a server on 127.0.0.1.
 *
 * @throws {LlmError} `KEPLOY_LLM_LISTEN`, `KEPLOY_LLM_OPTION`
 */
export async function startLlmServer(options: LlmServerOptions = {}, parts: LlmServerParts = {}): Promise<LlmServer> {
  const { now = Date.now, strict = true } = options
  const limit = checkNumber('maxBodyBytes', options.maxBodyBytes ?? 64 * 1024 * 1024, { from: 1 })
  const prices = withPrices(options.prices)
  const run = new CostLedger()
  const charge = createCharge(run, prices)
  const backend = parts.backend?.(charge, prices)
  const own = parts.own ?? new ScopeState('')
  const scopes = new Map<string, { state: ScopeState; handle: LlmScope }>()
  const finished: { name: string; cost: ReturnType<CostLedger['read']> }[] = []
  const models = options.models ?? Object.keys(prices.models)

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = placeOf(incoming.url ?? '/')
    const scope = place === undefined || place.scope === '' ? own : scopes.get(place.scope)?.state
    const state = scope ?? own
    state.open.add(response)
    response.once('close', () => state.open.delete(response))
    const read = await readBody(incoming, limit)
    if ('gone' in read) return
    const bytes = 'bytes' in read ? read.bytes : Buffer.alloc(0)
    const known: RequestPlace = place ?? { scope: '', path: incoming.url ?? '/', endpoint: 'other' }
    const parsed = ['chat', 'responses', 'embeddings'].includes(known.endpoint) ? parseBody(known.endpoint, bytes) : {}
    const order = { ...state.number(known.endpoint), at: now() }
    const request = openRequest(incoming, known, parsed.body, order)
    state.requests.push(request)
    const exchange: Exchange = { incoming, response, bytes, request, scope: state }
    response.once('close', () => {
      request.outcome ??= 'gone'
    })
    if (scope === undefined) {
      const text = `The scope "${known.scope}" does not exist, or was closed. A base URL comes from server.scope(testId).`
      return fail(exchange, 'KEPLOY_LLM_SCOPE', text)
    }
    if ('tooLarge' in read) {
      const message = `The request is larger than ${limit} bytes (maxBodyBytes).`
      return sendError(exchange, { status: 413, error: { message }, outcome: 'rejected' })
    }
    await answer(exchange, place === undefined, parsed)
  }

  async function answer(exchange: Exchange, outside: boolean, parsed: ReturnType<typeof parseBody>): Promise<void> {
    const { request } = exchange
    const real = backend?.takesEverything === true && !outside
    if (request.endpoint === 'models' && request.method === 'GET' && !real) return sendModels(exchange, models)
    if (request.endpoint === 'other' || request.endpoint === 'models') {
      if (real) return backend.handle(exchange)
      return unscripted(exchange, 'Only chat completions, responses, embeddings and models under /v1 are served.')
    }
    if (request.method !== 'POST' && !real) {
      const error = { message: `${request.path} takes POST, not ${request.method}.`, code: 'method_not_allowed' }
      return sendError(exchange, { status: 405, error, outcome: 'rejected', headers: { allow: 'POST' } })
    }
    if (parsed.problem !== undefined && !real) {
      const error = { message: parsed.problem, param: parsed.param ?? null }
      return sendError(exchange, { status: 400, error, outcome: 'rejected' })
    }
    const step = parsed.problem === undefined ? exchange.scope.take(request) : undefined
    if (step === undefined) return backend === undefined ? unscripted(exchange) : backend.handle(exchange)
    try {
      await answerStep(exchange, step, charge, Math.floor(now() / 1000))
    } catch (error) {
      const code = error instanceof LlmError ? error.code : 'KEPLOY_LLM_ANSWER'
      const reason = error instanceof LlmError ? error.message : `The script's reply threw: ${reasonOf(error)}.`
      await fail(exchange, code, reason)
    }
  }

  async function unscripted(exchange: Exchange, why?: string): Promise<void> {
    const { request, scope } = exchange
    const reason = why ?? describeNearest(scope.nearest(request))
    await fail(exchange, 'KEPLOY_LLM_UNSCRIPTED', `No script answers this request. ${reason}`, 'unscripted')
  }

  async function fail(
    exchange: Exchange,
    code: string,
    reason: string,
    outcome: 'unscripted' | 'faulted' = 'faulted',
  ): Promise<void> {
    const message = `${reason}\n${await describeRequest(exchange.request)}`
    exchange.scope.log.add(code, message)
    sendError(exchange, {
      status: 500,
      error: { message, type: 'test_server_error', code },
      outcome,
      // Without it the client would try three times, and wait between.
      headers: { 'x-should-retry': 'false' },
    })
  }

  const listening = await listen(handle, options.port)
  const base = `http://127.0.0.1:${listening.port}`

  function openScope(id: string): LlmScope {
    if (typeof id !== 'string' || id === '') {
      throw new LlmError('KEPLOY_LLM_OPTION', 'A scope needs a name that is not empty, for example the id of the test.')
    }
    const existing = scopes.get(id)
    if (existing !== undefined) return existing.handle
    const state = new ScopeState(id)
    const handle = scopeHandle(state, {
      baseUrl: `${base}/t/${encodeURIComponent(id).replaceAll("'", '%27')}/v1`,
      cost: () => state.ledger.read(),
      close: () => closeScope(state),
    })
    scopes.set(id, { state, handle })
    return handle
  }

  async function closeScope(state: ScopeState): Promise<void> {
    if (!scopes.has(state.id)) return
    scopes.delete(state.id)
    finished.push({ name: state.id, cost: state.ledger.read() })
    state.abort()
    if (strict) state.assertComplete()
  }

  function costReport(): string {
    const open = [...scopes.values()].map(({ state }) => ({ name: state.id, cost: state.ledger.read() }))
    return formatCost([...finished, ...open], run.read(), prices)
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    await listening.close()
    await backend?.close()
    parts.onReport?.(costReport())
    if (!strict) return
    for (const state of [own, ...[...scopes.values()].map((one) => one.state)]) state.assertComplete()
  }

  const handleOfServer = scopeHandle(own, {
    baseUrl: `${base}/v1`,
    cost: () => run.read(),
    close: () => (closing ??= close()),
  })
  return Object.defineProperties(handleOfServer, {
    mode: { value: backend?.mode ?? 'mock', enumerable: true },
    port: { value: listening.port, enumerable: true },
    scope: { value: openScope },
    costReport: { value: costReport },
  }) as LlmServer
}
