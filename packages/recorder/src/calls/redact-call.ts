import type { Call, Value } from '@keploy-framework/format'
import type { Redactor } from '@keploy-framework/redact'

import { replyNames, sqlValues, wordNames } from './value-names.ts'

/** How places are named until calls have names. */
function placeOf(side: 'request' | 'response', call: Call): string {
  return `${side} of call ${call.id} to ${call.dependency}`
}

/** Bytes that may hold a secret are not kept; this stands in their place. */
const WITHHELD = new Uint8Array(0)

/** A call without its secrets. `unsafe` when bytes had to be left out: it can't answer anybody then. */
export function redactCall(redactor: Redactor, call: Call): { readonly value: Call; readonly unsafe: boolean } {
  if (!redactor.enabled) return { value: call, unsafe: false }
  const state = { unsafe: false }
  const request = redactTree(redactor, call.request, placeOf('request', call), state)
  const response = call.response === undefined ? undefined : redactResponse(redactor, call, call.response, state)
  const changed = request !== call.request || response !== call.response
  const value = changed ? { ...call, request, ...(response !== undefined && { response }) } : call
  return { value, unsafe: state.unsafe }
}

/** Answers that do not name their values get the names that the request gave. */
function redactResponse(redactor: Redactor, call: Call, response: Value, state: { unsafe: boolean }): Value {
  const where = placeOf('response', call)
  const names = replyNames(call.request, response)
  if (names.length === 0) return redactTree(redactor, response, where, state)
  const values = isList(response) ? response : [response]
  const named = values.map((value, index) => ({ [names[index] ?? '']: value }))
  const clean = redactTree(redactor, named, where, state)
  if (clean === named) return response
  const restored = (clean as readonly Value[]).map((each) => onlyValue(each))
  return isList(response) ? restored : (restored[0] as Value)
}

/**
 * Trees are searched as JSON, so that names of fields tell what their values are. Some shapes get the help that they
 * need for it: rows of a table, and parameters and literals of a statement, are shown with the names of their columns, and
 * lists of header lines go by their own rules.
 */
function redactTree(redactor: Redactor, tree: Value, where: string, state: { unsafe: boolean }): Value {
  const bytes: Uint8Array[] = []
  // A text alone would be taken for text, and not for the JSON that it may hold.
  const shown = { message: show(tree, redactor, where, bytes) }
  const text = JSON.stringify(shown)
  const clean = redactor.body(Buffer.from(text, 'utf8'), 'application/json', where)
  if (!clean.safe) state.unsafe = true
  const after = Buffer.from(clean.bytes).toString('utf8')
  const safeBytes = bytes.map((one) => {
    const result = redactor.body(one, undefined, where)
    if (!result.safe) state.unsafe = true
    return result.safe ? result.bytes : WITHHELD
  })
  const untouched = after === text && safeBytes.every((one, index) => one === bytes[index])
  // Header lines are cleaned while they are shown, so that an equal text does not say that nothing changed.
  if (untouched && !hasHeaders(tree)) return tree
  return restore(tree, (JSON.parse(after) as typeof shown).message, safeBytes)
}

type Mapping = { readonly [key: string]: Value }

function isMapping(value: Value | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

function hasHeaders(value: Value): boolean {
  if (isList(value)) return value.some((item) => hasHeaders(item))
  return (
    isMapping(value) &&
    Object.keys(value).some((key) => isHeaderList(key, value[key]) || hasHeaders(value[key] as Value))
  )
}

function isHeaderList(key: string, value: Value | undefined): value is readonly (readonly [string, string])[] {
  return (
    (key === 'headers' || key === 'trailers' || key === 'metadata') &&
    isList(value) &&
    value.every((pair) => isList(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'))
  )
}

/** Names of columns, where a tree is a table: `columns` with names beside `rows`. */
function columnNames(value: Mapping): readonly string[] | undefined {
  const { columns, rows } = value
  if (!isList(columns) || !isList(rows)) return undefined
  return columns.map((column) => {
    const name = isMapping(column) ? column['name'] : column
    return typeof name === 'string' ? name : ''
  })
}

function show(
  value: Value,
  redactor: Redactor,
  where: string,
  bytes: Uint8Array[],
  columns?: readonly string[],
): Value {
  if (value instanceof Uint8Array) {
    bytes.push(value)
    return `\u0000bytes ${bytes.length - 1}`
  }
  if (isList(value)) {
    return value.map((item, index) => {
      const inner = show(item, redactor, where, bytes)
      return columns === undefined ? inner : { [columns[index] ?? '']: inner }
    })
  }
  if (!isMapping(value)) return value
  const names = columnNames(value)
  const given = givenNames(value)
  const entries = Object.keys(value).map((key): [string, Value] => {
    const item = value[key] as Value
    const own = given.get(key)
    if (own !== undefined && isList(item)) {
      const rows = key === 'batch'
      return [
        key,
        rows ? item.map((row) => show(row, redactor, where, bytes, own)) : show(item, redactor, where, bytes, own),
      ]
    }
    if (isSql(key, item)) {
      const { pieces, literals } = sqlValues(item)
      return [key, literals.map((name, index) => ({ [name]: pieces[index * 2 + 1] ?? '' }))]
    }
    if (isHeaderList(key, item)) return [key, redactor.headers(item, where).map(([name, text]) => [name, text])]
    if (key === 'target' && typeof item === 'string') return [key, redactor.target(item, where)]
    if (key === 'rows' && names !== undefined && isList(item)) {
      return [
        key,
        item.map((row) => (isList(row) ? show(row, redactor, where, bytes, names) : show(row, redactor, where, bytes))),
      ]
    }
    return [key, show(item, redactor, where, bytes)]
  })
  return Object.fromEntries(entries)
}

/** Only literals of a statement can be secrets: `password = $1` is none. */
function isSql(key: string, value: Value | undefined): value is string {
  return (key === 'sql' || key === 'prepare') && typeof value === 'string'
}

/** Values that a statement or a command gives names to, by the field that they stand in. */
function givenNames(value: Mapping): ReadonlyMap<string, readonly string[]> {
  const { sql, command, args } = value
  if (typeof sql === 'string') {
    const { parameters } = sqlValues(sql)
    return new Map(['params', 'batch'].map((key) => [key, parameters]))
  }
  if (typeof command !== 'string' || !isList(args)) return new Map()
  return new Map([['args', wordNames(command, args)]])
}

/** The value of a mapping of one field, whose name may have been cleaned as well. */
function onlyValue(value: Value | undefined): Value {
  return isMapping(value) ? (Object.values(value)[0] ?? null) : null
}

/** Puts what was cleaned back into the shape of the tree. */
function restore(tree: Value, clean: Value, bytes: readonly Uint8Array[], columns?: readonly string[]): Value {
  if (tree instanceof Uint8Array)
    return bytes[Number(/\d+$/.exec(typeof clean === 'string' ? clean : '')?.[0] ?? 0)] ?? WITHHELD
  if (isList(tree) && isList(clean)) {
    return tree.map((item, index) => {
      const inner = clean[index] as Value
      const cell = columns === undefined ? inner : onlyValue(inner)
      return restore(item, cell, bytes)
    })
  }
  if (!isMapping(tree) || !isMapping(clean)) return clean
  const names = columnNames(tree)
  const given = givenNames(tree)
  return Object.fromEntries(
    Object.keys(tree).map((key): [string, Value] => {
      const item = tree[key] as Value
      const inner = clean[key] as Value
      const own = given.get(key)
      if (isSql(key, item) && isList(inner)) {
        const { pieces, literals } = sqlValues(item)
        const clean = literals.map((_, at) => onlyValue(inner[at]))
        const text = pieces.map((piece, at) => {
          const literal = at % 2 === 0 ? piece : clean[(at - 1) / 2]
          return typeof literal === 'string' ? literal : piece
        })
        return [key, text.join('')]
      }
      if (own !== undefined && isList(item) && isList(inner)) {
        if (key !== 'batch') return [key, restore(item, inner, bytes, own)]
        return [
          key,
          item.map((row, index) => restore(row, inner[index] as Value, bytes, isList(row) ? own : undefined)),
        ]
      }
      if (key === 'rows' && names !== undefined && isList(item) && isList(inner)) {
        return [
          key,
          item.map((row, index) => restore(row, inner[index] as Value, bytes, isList(row) ? names : undefined)),
        ]
      }
      return [key, restore(item, inner, bytes)]
    }),
  )
}
