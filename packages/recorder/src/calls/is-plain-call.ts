import type { Call, Value } from '@keploy-framework/format'
import type { Redactor } from '@keploy-framework/redact'

import { columnNames, isHeaderList, isList, isMapping, isSql } from './call-shapes.ts'
import { replyNames, sqlValues, wordNames } from './value-names.ts'

type Plain = Redactor['plain']

/**
 * Whether it can be said at a glance that a call holds no secret: `redactThoroughly` would leave it as it is. Goes through
 * the same shapes. `false` says nothing.
 */
export function isPlainCall({ plain }: Redactor, call: Call): boolean {
  // The name that trees get when they are searched.
  if (!plain.name('message') || !isPlain(call.request, plain)) return false
  const { response } = call
  if (response === undefined) return true
  return areNames(replyNames(call.request, response), plain) && isPlain(response, plain)
}

function areNames(names: readonly string[], plain: Plain): boolean {
  return names.every((name) => name === '' || plain.name(name))
}

function isPlain(value: Value, plain: Plain): boolean {
  if (typeof value === 'string') return plain.text(value)
  if (typeof value === 'number') return plain.number(value)
  if (typeof value === 'boolean' || value === null) return true
  if (isList(value)) return value.every((item) => isPlain(item, plain))
  // Bytes are searched as what they are.
  return isMapping(value) && areNames(givenHere(value), plain) && isPlainMapping(value, plain)
}

function isPlainMapping(value: { readonly [key: string]: Value }, plain: Plain): boolean {
  return Object.keys(value).every((key) => {
    if (!plain.name(key)) return false
    const item = value[key] as Value
    if (typeof item !== 'string') return !isHeaderList(key, item) && isPlain(item, plain)
    if (isSql(key, item)) return isPlainStatement(item, plain)
    return key === 'target' ? plain.target(item) : plain.text(item)
  })
}

/** Every name that a mapping gives to values in it, whichever they are. */
function givenHere(value: { readonly [key: string]: Value }): readonly string[] {
  const { sql, command, args } = value
  const columns = columnNames(value)
  if (typeof sql === 'string') return [...(columns ?? []), ...sqlValues(sql).parameters]
  return columns ?? (typeof command === 'string' && isList(args) ? wordNames(command, args) : NO_NAMES)
}

const NO_NAMES: readonly string[] = []

function isPlainStatement(sql: string, plain: Plain): boolean {
  const { pieces, literals } = sqlValues(sql)
  return literals.every((name, index) => (name === '' || plain.name(name)) && plain.text(pieces[index * 2 + 1] ?? ''))
}
