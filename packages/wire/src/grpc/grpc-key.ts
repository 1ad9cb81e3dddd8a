import type { Value } from '@keploy-framework/format'

import { headersKey, hostKey } from '../http-calls/http-key.ts'
import { isTree } from '../protocol/value.ts'
import { encodeProtoscope } from './protoscope-read.ts'
import { guessContent, readFields } from './wire-fields.ts'
import type { WireField } from './wire-fields.ts'

/** What gRPC libraries say of themselves. */
const NOT_COMPARED = new Set([
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-timeout',
  'grpc-trace-bin',
  'grpc-tags-bin',
])

function fieldsTree(fields: readonly WireField[], depth: number): Value {
  const tree = new Map<string, Value[]>()
  for (const field of fields) {
    let value: Value = field.type
    if (field.type === 'varint' || field.type === 'i32' || field.type === 'i64') {
      const number = field.type === 'varint' ? BigInt.asIntN(64, field.value) : field.value
      value = number <= 2n ** 53n && number >= -(2n ** 53n) ? Number(number) : String(number)
    } else if (field.type === 'len') {
      const content = guessContent(field.bytes, depth)
      if (content.type === 'text') value = content.text
      else value = content.type === 'bytes' ? new Uint8Array(field.bytes) : fieldsTree(content.fields, depth + 1)
    }
    const name = String(field.number)
    const known = tree.get(name)
    if (known === undefined) tree.set(name, [value])
    else known.push(value)
  }
  return Object.fromEntries(
    [...tree].map(([name, values]) => [name, values.length === 1 ? (values[0] as Value) : values]),
  )
}

/** A message as a tree of its field numbers, so that it is compared leaf by leaf. */
export function messageKey(message: Value): Value {
  if (typeof message !== 'string') return message
  const bytes = encodeProtoscope(message)
  const fields = bytes === undefined ? undefined : readFields(bytes)
  return fields === undefined ? message : fieldsTree(fields, 0)
}

/** What has to be the same for a recorded answer to answer a call of gRPC. */
export function grpcKey(request: { readonly [key: string]: Value }): Value {
  const { messages } = request
  const metadata = headersKey(request['metadata'])
  return {
    path: request['path'] ?? '',
    host: hostKey(typeof request['host'] === 'string' ? request['host'] : ''),
    metadata: isTree(metadata)
      ? Object.fromEntries(
          Object.entries(metadata).filter(([name]) => !NOT_COMPARED.has(name) && name !== 'content-type'),
        )
      : {},
    messages: Array.isArray(messages) ? (messages as readonly Value[]).map((one) => messageKey(one)) : [],
  }
}
