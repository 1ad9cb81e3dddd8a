import { chatChunks } from '../chat/chunks.ts'
import { type AnswerId, chatCompletion } from '../chat/completion.ts'
import { embeddingsObject, embeddingTokens } from '../embeddings/embeddings.ts'
import type { LlmFault, TransportFault } from '../faults/faults.ts'
import { isObject, numberOf } from '../json.ts'
import { responseError, responseEvents } from '../responses/response-events.ts'
import { responseObject } from '../responses/response-object.ts'
import type { LlmRequest, LlmUsage } from '../script/llm-request.ts'
import type { EmbeddingReply, LlmReply } from '../script/reply.ts'
import { resolveReply } from '../script/resolve-reply.ts'
import { deliver, type Delivery } from './deliver.ts'
import { type Charge, type Exchange, sendError } from './exchange.ts'
import type { TakenStep } from './llm-scope.ts'

interface Prepared {
  readonly delivery: Delivery
  readonly usage: LlmUsage
  readonly tier?: string
}

/** Answers a request as a script says. */
export async function answerStep(exchange: Exchange, step: TakenStep, charge: Charge, created: number): Promise<void> {
  const { request, response } = exchange
  const { fault } = step
  if (fault?.fault === 'status') {
    sendError(exchange, { ...fault, outcome: 'faulted' })
    return
  }
  const prepared = await prepare(request, step, { id: `${exchange.scope.id}${request.number}`, created })
  if (fault?.fault === 'contentFilter' && fault.at === 'input') {
    sendError(exchange, { ...inputFilter(fault.category), outcome: 'faulted' })
    return
  }
  request.status = prepared.delivery.status
  const sent = await deliver(response, prepared.delivery, transportFault(fault))
  request.outcome = sent === 'whole' ? (fault === undefined ? 'answered' : 'faulted') : sent
  if (sent === 'whole') charge(exchange, prepared.usage, { tier: prepared.tier, real: false })
}

async function prepare(request: LlmRequest, step: TakenStep, names: AnswerId): Promise<Prepared> {
  const given = typeof step.reply === 'function' ? await step.reply(request) : step.reply
  const headers = {
    'x-request-id': `req_${request.number}`,
    'openai-processing-ms': '1',
    'openai-version': '2020-10-01',
    ...(isObject(given) ? (given as LlmReply).headers : {}),
  }
  if (request.endpoint === 'embeddings') {
    const reply = (typeof given === 'string' || given === undefined ? {} : given) as EmbeddingReply
    const tokens = embeddingTokens(request, reply)
    return {
      delivery: jsonDelivery(embeddingsObject(request, reply), headers),
      usage: { input: tokens, output: 0, cached: 0, reasoning: 0 },
    }
  }
  const reply = resolveReply(request, given, step.fault)
  const { usage, serviceTier: tier } = reply
  const body = request.body ?? {}
  const chat = request.endpoint === 'chat'
  const id = { id: chat ? `chatcmpl-${names.id}` : names.id, created: names.created }
  const count = Math.max(1, numberOf(body['n']) ?? 1)
  if (!request.stream) {
    const answer = chat ? chatCompletion(reply, id, count) : responseObject(reply, id, body)
    return { delivery: jsonDelivery(answer, headers), usage, tier }
  }
  const options = body['stream_options']
  const includeUsage = isObject(options) && options['include_usage'] === true
  return {
    delivery: {
      status: 200,
      headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
      pieces: chat ? chatChunks(reply, id, { includeUsage, count }) : responseEvents(reply, id, body),
      stream: true,
      pace: reply.chunkDelayMs,
      ...(chat ? {} : { errorEvent: responseError }),
    },
    usage,
    tier,
  }
}

function jsonDelivery(answer: object, headers: Readonly<Record<string, string>>): Delivery {
  const type = { 'content-type': 'application/json' }
  return { status: 200, headers: { ...headers, ...type }, pieces: [JSON.stringify(answer)], stream: false }
}

function transportFault(fault: LlmFault | undefined): TransportFault | undefined {
  if (fault === undefined) return undefined
  return fault.fault === 'status' || fault.fault === 'contentFilter' || fault.fault === 'empty' ? undefined : fault
}

function inputFilter(category: string): { status: number; error: { message: string; code: string; param: string } } {
  const message = `The prompt was stopped by the content filter (${category}). Change it and try again.`
  return { status: 400, error: { message, code: 'content_filter', param: 'prompt' } }
}
