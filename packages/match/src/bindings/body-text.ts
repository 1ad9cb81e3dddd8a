import { headerValue } from '@keploy-framework/format'
import type { BodyValue, HeaderList } from '@keploy-framework/format'

/** How the text of a body is to be read. */
export type BodyKind = 'json' | 'form' | 'text'

export function bodyKind(headers: HeaderList, text: string): BodyKind {
  const type = (headerValue(headers, 'content-type') ?? '').toLowerCase()
  if (/[/+]json\b/.test(type)) return 'json'
  if (type.startsWith('application/x-www-form-urlencoded')) return 'form'
  return type === '' && /^\s*[[{]/.test(text) ? 'json' : 'text'
}

/** The texts of a body: one for a plain one, one per item of a stream. Bytes have none. */
export function bodyTexts(body: BodyValue): readonly string[] {
  if (body.type === 'text') return [body.text]
  if (body.type !== 'stream') return []
  return body.items.flatMap(({ data }) => {
    if (data.type === 'sse') return [data.data, data.id].filter((text) => text !== undefined)
    if (data.type === 'ndjson') return [data.line]
    return data.type === 'text' ? [data.text] : []
  })
}
