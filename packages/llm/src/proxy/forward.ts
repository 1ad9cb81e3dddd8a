import { once } from 'node:events'

import type { Dispatcher } from 'undici'

import { type Budget, type Reservation, worstCase } from '../cost/budget.ts'
import { readUsage } from '../cost/calculate.ts'
import type { PriceTable } from '../cost/prices.ts'
import { isObject, reasonOf, textOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { goneSignal } from '../server/deliver.ts'
import { type Charge, type Exchange, sendError } from '../server/exchange.ts'
import { settle } from '../server/wait.ts'
import { EventSplitter, FactReader, type StreamFacts, withoutUsage } from './stream-events.ts'
import { answerPairs, askForUsage, upstreamHeaders } from './upstream-request.ts'

/** What came back from the real API, whole. */
export interface Forwarded {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  /** `undefined` for bytes that are no text. */
  readonly body: string | undefined
  readonly stream: boolean
  readonly pauses: readonly number[]
}

/** Where requests are sent. */
export interface Upstream {
  /** The base URL that stands for `/v1`, without a slash at its end. */
  readonly base: string
  readonly apiKey: string | undefined
  readonly dispatcher: Dispatcher
  readonly request: typeof import('undici').request
  readonly budget: Budget | undefined
  readonly prices: PriceTable
  readonly charge: Charge
  readonly now: () => number
}

/**
 * Sends a request to the real API and its answer to the client, event by event. Asks the budget first.
 *
 * @returns what came back; `undefined` when it did not come whole
 * @throws {LlmError} `KEPLOY_LLM_BUDGET`, `KEPLOY_LLM_UNPRICED` before anything is sent
 */
export async function forward(exchange: Exchange, upstream: Upstream): Promise<Forwarded | undefined> {
  const { request, response, incoming } = exchange
  const asked = askForUsage(exchange)
  const reservation = reserve(exchange, upstream)
  const gone = goneSignal(response)
  request.outcome = 'forwarded'
  let answer: Dispatcher.ResponseData
  try {
    answer = await upstream.request(`${upstream.base}${request.path.replace(/^\/v1/, '')}`, {
      method: request.method,
      headers: [...upstreamHeaders(incoming.headers, upstream.apiKey), ['accept-encoding', 'identity']].flat(),
      body: asked.bytes.length === 0 ? null : asked.bytes,
      dispatcher: upstream.dispatcher,
      signal: gone,
      // The client decides how long it waits.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  } catch (error) {
    if (neverSent(error)) reservation?.settle(0)
    else unknownCost(exchange, upstream, reservation)
    if (gone.aborted) request.outcome = 'gone'
    else unreachable(exchange, upstream.base, error)
    return undefined
  }
  request.status = answer.statusCode
  const pairs = answerPairs(answer.headers)
  const type = String(answer.headers['content-type'] ?? '')
  const stream = type.startsWith('text/event-stream')
  let read: Passed
  try {
    response.writeHead(answer.statusCode, Object.fromEntries(pairs))
    read = stream
      ? await passEvents(exchange, answer, { strip: asked.added, gone })
      : await passBody(exchange, answer, gone)
  } catch {
    // Cut on one side: the same happens on the other.
    unknownCost(exchange, upstream, reservation)
    if (gone.aborted) request.outcome = 'gone'
    else if (await settle(50, gone)) response.destroy()
    return undefined
  }
  book(exchange, upstream, { status: answer.statusCode, reservation, facts: read.facts })
  const coded = (answer.headers['content-encoding'] ?? 'identity') !== 'identity'
  const body = !coded && (stream || /json|^text\//.test(type)) ? read.text : undefined
  return { status: answer.statusCode, headers: pairs, body, stream, pauses: read.pauses }
}

function reserve({ request, bytes }: Exchange, { budget, prices }: Upstream): Reservation | undefined {
  if (budget === undefined || request.method === 'GET') return undefined
  if (request.endpoint === 'other') {
    throw new LlmError(
      'KEPLOY_LLM_UNPRICED',
      `What ${request.method} ${request.path} costs is not known, so that no budget can be kept. Nothing was sent.`,
    )
  }
  return budget.reserve(worstCase(request.body ?? {}, bytes.length, prices))
}

interface Passed {
  readonly text: string
  readonly pauses: readonly number[]
  readonly facts: StreamFacts
}

async function passEvents(
  { response }: Exchange,
  answer: Dispatcher.ResponseData,
  { strip, gone }: { strip: boolean; gone: AbortSignal },
): Promise<Passed> {
  const splitter = new EventSplitter()
  const reader = new FactReader()
  const pauses: number[] = []
  let text = ''
  let last = performance.now()
  const pass = async (events: readonly string[]): Promise<void> => {
    for (const event of events) {
      const moment = performance.now()
      pauses.push(Math.round(moment - last))
      last = moment
      text += event
      reader.read(event)
      const shown = strip ? withoutUsage(event) : event
      if (shown !== undefined && !response.write(shown)) await once(response, 'drain', { signal: gone })
    }
  }
  for await (const piece of answer.body as AsyncIterable<Buffer>) await pass(splitter.push(piece))
  await pass(splitter.flush())
  response.end()
  return { text, pauses, facts: reader.facts }
}

async function passBody({ response }: Exchange, answer: Dispatcher.ResponseData, gone: AbortSignal): Promise<Passed> {
  const pieces: Buffer[] = []
  for await (const piece of answer.body as AsyncIterable<Buffer>) {
    pieces.push(piece)
    if (!response.write(piece)) await once(response, 'drain', { signal: gone })
  }
  response.end()
  const text = Buffer.concat(pieces).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  const field = (name: string): string | undefined => (isObject(value) ? textOf(value[name]) : undefined)
  const facts = { usage: readUsage(value), tier: field('service_tier'), model: field('model') }
  return { text, pauses: [0], facts }
}

function book(
  exchange: Exchange,
  upstream: Upstream,
  { status, reservation, facts }: { status: number; reservation: Reservation | undefined; facts: StreamFacts },
): void {
  const { request } = exchange
  if (facts.usage !== undefined) {
    // The answer names the snapshot that was used; the price is that of what was asked for.
    const model = request.model ?? facts.model ?? 'unknown'
    const usd = upstream.charge(exchange, facts.usage, { tier: facts.tier, real: true, model })
    reservation?.settle(usd)
    return
  }
  if (status >= 400 || request.method === 'GET') reservation?.settle(0)
  else unknownCost(exchange, upstream, reservation)
}

/** Books a request that may have been paid for without anybody knowing how much: the budget takes its worst case. */
function unknownCost(exchange: Exchange, { charge }: Upstream, reservation: Reservation | undefined): void {
  const { request } = exchange
  reservation?.settle(undefined)
  if (request.method === 'GET') return
  const none = { input: 0, output: 0, cached: 0, reasoning: 0 }
  charge(exchange, none, { tier: undefined, real: true, model: `${request.model ?? request.path} (no usage reported)` })
}

const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether there never was a connection. Once there is one, the API may have worked, and charged, before it broke. */
function neverSent(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code !== undefined && unsent.has(code)
}

function unreachable(exchange: Exchange, base: string, error: unknown): void {
  const message = `${base} can't be reached: ${reasonOf(error)}.`
  sendError(exchange, {
    status: 502,
    error: { message, type: 'server_error', code: 'KEPLOY_LLM_UPSTREAM' },
    outcome: 'forwarded',
  })
}
