import { hash } from 'node:crypto'

import type { Value } from '@keploy-framework/format'

import { tokenize, joinTokens } from '../bindings/tokens.ts'
import { detectForm } from '../forms/detect-form.ts'

/** A tree as text, the same for equal trees whatever the order of their keys. */
export function canonical(value: Value | undefined): string {
  if (value === undefined) return 'u'
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('latin1')}`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  let text = ''
  if (isList(value)) {
    for (const item of value) text += text === '' ? canonical(item) : `,${canonical(item)}`
    return `[${text}]`
  }
  for (const key of Object.keys(value).sort()) {
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonical(value[key])}`
  }
  return `{${text}}`
}

/** The canonical text of a key, or a digest of it where it is long: many are kept. */
export function keyText(key: Value): string {
  const text = canonical(key)
  return text.length <= 64 ? text : hash('sha1', text, 'base64')
}

/** The same with every generated value replaced by its form: equal for trees that differ in nothing else. */
export function skeleton(value: Value | undefined, key?: string): string {
  if (typeof value === 'string') {
    const whole = detectForm(value, { key })
    if (whole !== undefined) return `<${whole}>`
    if (value.length > 4096) return JSON.stringify(value)
    const tokens = tokenize(value)
    return JSON.stringify(
      joinTokens(
        tokens,
        tokens.words.map((word) => (isForm(word) ? `<${detectForm(word) ?? ''}>` : word)),
      ),
    )
  }
  if (typeof value === 'number') return detectForm(value, { key }) === undefined ? String(value) : '<time>'
  if (value === undefined || value === null || typeof value !== 'object' || value instanceof Uint8Array) {
    return canonical(value)
  }
  if (isList(value)) return `[${value.map((item) => skeleton(item, key)).join(',')}]`
  const keys = Object.keys(value).sort()
  return `{${keys.map((name) => `${JSON.stringify(name)}:${skeleton(value[name], name)}`).join(',')}}`
}

function isForm(word: string): boolean {
  return word.length >= 6 && detectForm(word) !== undefined
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

/** Whether a tree is a mapping. */
export function isMapping(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** A mapping without some of its fields. */
export function without(value: Value, fields: readonly string[] | undefined): Value {
  if (fields === undefined || fields.length === 0 || !isMapping(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !fields.includes(name)))
}
