import { brief } from '../json.ts'
import type { LlmRequest } from '../script/llm-request.ts'
import type { NearMiss } from '../script/script-book.ts'

/** A request in a few lines, without secrets. */
export async function describeRequest(request: LlmRequest): Promise<string> {
  // Only a failure needs it, and it is slow to load.
  const { createRedactor } = await import('@keploy-framework/redact')
  const redactor = createRedactor()
  const say = (text: string, limit = 200): string => brief(redactor.text(text.slice(0, 100_000), 'request'), limit)
  const facts = [
    request.model === undefined ? 'no model' : `model ${say(request.model)}`,
    ...(request.stream ? ['stream'] : []),
    ...(request.tools.length === 0 ? [] : [`tools ${say(request.tools.join(', '))}`]),
    ...(request.retry === 0 ? [] : [`retry ${request.retry}`]),
  ]
  const shown =
    request.messages.length <= 6 ? request.messages : [...request.messages.slice(0, 2), ...request.messages.slice(-4)]
  const lines = shown.map(({ role, text }) => `  ${role}: "${say(text)}"`)
  if (shown.length < request.messages.length) lines.splice(2, 0, `  (${request.messages.length - 6} more)`)
  return [`${request.method} ${say(request.path)} · ${facts.join(', ')}`, ...lines].join('\n')
}

/** The script that came closest, in a sentence. */
export function describeNearest(near: NearMiss | undefined): string {
  if (near === undefined) return 'There is no script for this endpoint.'
  return `The nearest script is ${near.script}; but ${near.reasons.join('; and ')}.`
}
