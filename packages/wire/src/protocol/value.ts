import { isUtf8 } from 'node:buffer'

import { isRecord, PlainScalar, TaggedValue, type Value, type YamlValue } from '@keploy-framework/format'

/** What a reader of YAML gives, as a tree of a call: scalars that say more than their value stand as their text. */
export function toValue(yaml: YamlValue | undefined): Value {
  if (yaml === undefined || yaml === null) return null
  if (typeof yaml === 'bigint') return String(yaml)
  if (typeof yaml !== 'object' || yaml instanceof Uint8Array) return yaml
  if (yaml instanceof PlainScalar) return typeof yaml.value === 'boolean' ? yaml.value : yaml.text
  if (yaml instanceof TaggedValue) return toValue(yaml.value as YamlValue)
  if (Array.isArray(yaml)) return yaml.map((item) => toValue(item))
  return Object.fromEntries(Object.keys(yaml).map((key) => [key, toValue(yaml[key])]))
}

/** Whether a tree is a mapping. */
export function isTree(value: Value | undefined): value is { readonly [key: string]: Value } {
  return isRecord(value)
}

/** Bytes as text where they are UTF-8 and come out the same again, else as they are. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(buffer)) return new Uint8Array(buffer)
  return buffer.toString('utf8')
}

/** The bytes of what `textOrBytes` gave. */
export function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value
}
