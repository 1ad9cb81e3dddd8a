import type { Value } from '@keploy-framework/format'

import { oneLine } from '../protocol/one-line.ts'
import { isTree } from '../protocol/value.ts'

/** A request in one line: `Produce orders key o1 {"total":12}`. */
export function describeRequest(request: Value): string {
  if (!isTree(request)) return 'nothing'
  const { api, topic, key, value, partition, offset, version, body } = request
  if (api === 'Produce')
    return oneLine(`Produce ${show(topic)}${key === undefined ? '' : ` key ${show(key)}`} ${show(value ?? null)}`)
  if (api === 'Fetch') return oneLine(`Fetch ${show(topic)}/${show(partition)} from ${show(offset)}`)
  if (body !== undefined) return oneLine(`${show(api)} version ${show(version)} ${show(body)}`)
  const rest = Object.entries(request).filter(([name]) => name !== 'api')
  return oneLine([show(api), ...rest.map(([name, each]) => `${name} ${show(each)}`)].join(' '))
}

function show(value: Value | undefined): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return `${value.length} bytes`
  return JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? `${each.length} bytes` : each)) ?? ''
}
