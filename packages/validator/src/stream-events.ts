import type { StreamItem } from '@keploy-framework/format'
import { hasDuplicateKeys, jsonParseExact } from '@keploy-framework/match'
import type { JsonValue } from '@keploy-framework/match'

/** A text as JSON when it is a structure, else as it stands. */
export function jsonOrText(text: string): JsonValue {
  if (!/^\s*[[{]/.test(text)) return text
  const parsed = jsonParseExact(text)
  if (!parsed.ok) return text
  if (!hasDuplicateKeys(text, parsed.value)) return parsed.value
  const whole = jsonParseExact(text, { duplicates: 'keep' })
  return whole.ok ? whole.value : text
}

/** The lines of an NDJSON body; an empty line says nothing. */
export function ndjsonEvents(text: string): JsonValue[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(jsonOrText)
}

/** The events of a `text/event-stream` body. Comments are keep-alives, sent by the clock, and are left out. */
export function sseEvents(text: string): JsonValue[] {
  const events: JsonValue[] = []
  let fields = new Map<string, string>()
  for (const line of [...text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/), '']) {
    if (line === '') {
      if (fields.size > 0) events.push(sseEvent(fields))
      fields = new Map()
    } else if (!line.startsWith(':')) {
      const colon = line.indexOf(':')
      const name = colon === -1 ? line : line.slice(0, colon)
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
      const before = name === 'data' ? fields.get(name) : undefined
      fields.set(name, before === undefined ? value : `${before}\n${value}`)
    }
  }
  return events
}

function sseEvent(fields: ReadonlyMap<string, string>): JsonValue {
  const event: { [key: string]: JsonValue } = {}
  for (const name of ['event', 'id', 'retry'] as const) {
    const value = fields.get(name)
    if (value !== undefined) event[name] = value
  }
  const data = fields.get('data')
  if (data !== undefined) event['data'] = jsonOrText(data)
  return event
}

/** Recorded or live items of a stream as JSON values; pings, pongs and comments are left out. */
export function itemEvents(items: readonly StreamItem[]): JsonValue[] {
  return items.flatMap(({ data }): JsonValue[] => {
    switch (data.type) {
      case 'sse': {
        const fields = new Map(
          (['event', 'id', 'retry', 'data'] as const).flatMap((name) => {
            const value = data[name]
            return value === undefined ? [] : [[name, value] as const]
          }),
        )
        return fields.size === 0 ? [] : [sseEvent(fields)]
      }
      case 'ndjson':
        return data.line.trim() === '' ? [] : [jsonOrText(data.line)]
      case 'text':
        return [jsonOrText(data.text)]
      case 'binary':
        return [{ bytes: Buffer.from(data.bytes).toString('hex') }]
      case 'close':
        return [{ close: data.code ?? null, reason: data.reason ?? '' }]
      default:
        return []
    }
  })
}
