import type { IncomingMessage, ServerResponse } from 'node:http'

import { usageCost } from '../cost/calculate.ts'
import type { PriceTable } from '../cost/prices.ts'
import type { WireError } from '../faults/status-errors.ts'
import type { LlmOutcome, LlmUsage, OpenRequest } from '../script/llm-request.ts'
import type { ScopeState } from './llm-scope.ts'

/** A request that is being answered. */
export interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly bytes: Buffer
  readonly request: OpenRequest
  readonly scope: ScopeState
}

/** What answers requests that no script answers: a recording, or the real API. */
export interface Backend {
  readonly mode: 'replay' | 'record' | 'live'
  /** Whether requests of endpoints that this server does not know are its business too. */
  readonly takesEverything: boolean
  handle(exchange: Exchange): Promise<void>
  close(): Promise<void>
}

/** Books what a request used. */
export type Charge = (
  exchange: Exchange,
  usage: LlmUsage,
  options: { tier?: string | undefined; real: boolean; model?: string },
) => number | undefined

/** Makes the function that books costs in a scope and in the run. */
export function createCharge(run: ScopeState['ledger'], prices: PriceTable): Charge {
  return ({ request, scope }, usage, { tier, real, model = request.model ?? 'unknown' }) => {
    const usd = usageCost(usage, model, tier, prices)
    const name = usd === undefined && tier !== undefined && tier !== 'default' ? `${model} (${tier})` : model
    request.usage = usage
    if (usd !== undefined) request.usd = usd
    for (const ledger of new Set([scope.ledger, run])) ledger.add({ model: name, usage, usd, real })
    return usd
  }
}

/** Sends an error in the form of the API, and says in the log how the request ended. */
export function sendError(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  answer: {
    readonly status: number
    readonly error: Partial<WireError> & { readonly message: string }
    readonly outcome: LlmOutcome
    readonly headers?: Readonly<Record<string, string>>
  },
): void {
  request.status = answer.status
  request.outcome = answer.outcome
  if (response.destroyed) return
  const error = { type: 'invalid_request_error', param: null, code: null, ...answer.error }
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'x-request-id': `req_${request.number}`,
    ...answer.headers,
  })
  response.end(JSON.stringify({ error }))
}
