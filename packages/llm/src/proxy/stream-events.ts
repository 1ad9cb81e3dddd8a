import { readUsage } from '../cost/calculate.ts'
import { isObject, textOf } from '../json.ts'
import type { LlmUsage } from '../script/llm-request.ts'

/** What the events of a stream said about cost. */
export interface StreamFacts {
  readonly usage: LlmUsage | undefined
  readonly tier: string | undefined
  readonly model: string | undefined
}

/** Cuts bytes into events of a stream, whatever their chunks. */
export class EventSplitter {
  readonly #decoder = new TextDecoder('utf-8')
  #rest = ''

  /** The events that are complete now, each with the blank line that ends it. */
  push(bytes: Uint8Array): string[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true })
    const events: string[] = []
    for (let end = findEnd(this.#rest); end !== -1; end = findEnd(this.#rest)) {
      events.push(this.#rest.slice(0, end))
      this.#rest = this.#rest.slice(end)
    }
    return events
  }

  /** What is left when the stream has ended. */
  flush(): string[] {
    const rest = this.#rest + this.#decoder.decode()
    this.#rest = ''
    return rest === '' ? [] : [rest]
  }
}

function findEnd(text: string): number {
  const match = /\r?\n\r?\n/.exec(text)
  return match === null ? -1 : match.index + match[0].length
}

/** Reads usage, tier and model from events as they pass. */
export class FactReader {
  #facts: StreamFacts = { usage: undefined, tier: undefined, model: undefined }

  read(event: string): void {
    const data = eventData(event)
    if (data === undefined) return
    const answer = isObject(data['response']) ? data['response'] : data
    this.#facts = {
      usage: readUsage(answer) ?? this.#facts.usage,
      tier: textOf(answer['service_tier']) ?? this.#facts.tier,
      model: textOf(answer['model']) ?? this.#facts.model,
    }
  }

  get facts(): StreamFacts {
    return this.#facts
  }
}

/**
 * An event of a chat completion for a client that did not ask for the usage: the chunk that carries it is left out
 * (`undefined`), and the others lose their `usage: null`.
 */
export function withoutUsage(event: string): string | undefined {
  if (!event.includes('"usage"')) return event
  const data = eventData(event)
  if (data === undefined || !('usage' in data)) return event
  const { usage, ...rest } = data
  const choices = rest['choices']
  if (usage !== null && Array.isArray(choices) && choices.length === 0) return undefined
  return `data: ${JSON.stringify(rest)}\n\n`
}

function eventData(event: string): Readonly<Record<string, unknown>> | undefined {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'))
  if (lines.length === 0) return undefined
  try {
    const data: unknown = JSON.parse(lines.map((line) => line.slice(5).trimStart()).join('\n'))
    return isObject(data) ? data : undefined
  } catch {
    return undefined
  }
}
