import { isRecord, PlainScalar, TaggedValue } from '../yaml/values.ts'

/** Writes a value as JSON on one line, numbers exactly as they were read. Bytes become base64, as in Go. */
export function emitJson(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'bigint') return String(value)
  if (value instanceof PlainScalar) return typeof value.value === 'boolean' ? String(value.value) : value.text
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (value instanceof TaggedValue) return emitJson(value.value)
  if (Array.isArray(value)) return `[${value.map(emitJson).join(',')}]`
  if (isRecord(value)) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${emitJson(item)}`)
      .join(',')}}`
  }
  return JSON.stringify(value)
}
