import type { LlmUse } from '@keploy-framework/format'
import { costOfAnswer, type AnswerCost } from '@keploy-framework/llm'
import type { RecordedCall } from '@keploy-framework/match'
import { bytesOf, isTree } from '@keploy-framework/wire'

/** Adds up what the recorded calls of one test to language models used. */
export class LlmTally {
  #use: LlmUse | undefined

  /** Nothing as long as there was no such call. */
  get use(): LlmUse | undefined {
    return this.#use
  }

  add(call: RecordedCall): void {
    const cost = costOf(call)
    if (cost === undefined) return
    const { calls, inputTokens, outputTokens, unknown = 0, costUsd } = this.#use ?? NONE
    const sum = costUsd === undefined || cost.usd === undefined ? undefined : costUsd + cost.usd
    const missing = unknown + (cost.usage === undefined ? 1 : 0)
    this.#use = {
      calls: calls + 1,
      inputTokens: inputTokens + (cost.usage?.input ?? 0),
      outputTokens: outputTokens + (cost.usage?.output ?? 0),
      ...(missing > 0 && { unknown: missing }),
      // Without the dust of binary fractions.
      ...(sum !== undefined && { costUsd: Number(sum.toFixed(12)) }),
    }
  }
}

const NONE: LlmUse = { calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 }

const known = new WeakMap<RecordedCall, AnswerCost | null>()

function costOf(call: RecordedCall): AnswerCost | undefined {
  if (call.protocol !== 'http' || call.operation !== 'POST') return undefined
  const before = known.get(call)
  if (before !== undefined) return before ?? undefined
  const request = call.request()
  const response = call.response()
  const cost =
    isTree(request) && isTree(response)
      ? costOfAnswer({
          method: call.operation,
          target: textOf(request['target']),
          requestBody: textOf(request['body']),
          status: Number(response['status']),
          body: textOf(response['body']),
          events: eventsOf(response['stream']),
        })
      : undefined
  known.set(call, cost ?? null)
  return cost
}

function eventsOf(stream: unknown): string[] {
  if (!isTree(stream as never)) return []
  const { items } = stream as { readonly items?: unknown }
  if (!Array.isArray(items)) return []
  return items.map((item: unknown) => textOf((item as { readonly data?: unknown } | null)?.data))
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? Buffer.from(bytesOf(value)).toString('utf8') : ''
}
