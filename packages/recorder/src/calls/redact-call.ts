import type { Call, Value } from '@keploy-framework/format'
import type { Redactor } from '@keploy-framework/redact'

import { columnNames, givenNames, isHeaderList, isList, isMapping, isSql } from './call-shapes.ts'
import { isPlainCall } from './is-plain-call.ts'
import { replyNames, sqlValues } from './value-names.ts'

/** How places are named until calls have names. */
function placeOf(side: 'request' | 'response', call: Call): string {
  return `${side} of call ${call.id} to ${call.dependency}`
}

/** Bytes that may hold a secret are not kept; this stands in their place. */
const WITHHELD = new Uint8Array(0)

/** A call without its secrets. `unsafe` when bytes had to be left out: it can't answer anybody then. */
export function redactCall(redactor: Redactor, call: Call): { readonly value: Call; readonly unsafe: boolean } {
  // Most calls hold none, and looking costs a fraction of replacing.
  if (!redactor.enabled || isPlainCall(redactor, call)) return { value: call, unsafe: false }
  return redactThoroughly(redactor, call)
}

/** The same, whatever the call looks like. */
export function redactThoroughly(redactor: Redactor, call: Call): { readonly value: Call; readonly unsafe: boolean } {
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
  if (!isList(clean)) return clean
  const restored = clean.map((each) => onlyValue(each))
  return isList(response) ? restored : (restored[0] as Value)
}

/**
 * Trees are searched as JSON, so that names of fields tell what their values are. Some shapes get the help that they
 * need for it: rows of a table, and parameters and literals of a statement, are shown with the names of their columns, and
 * lists of header lines go by their own rules.
 */
function redactTree(redactor: Redactor, tree: Value, where: string, state: { unsafe: boolean }): Value {
  const apart: Apart = { redactor, where, bytes: [], kept: [], changed: false }
  // A text alone would be taken for text, and not for the JSON that it may hold.
  const shown = { message: show(tree, apart) }
  const text = JSON.stringify(shown)
  const clean = redactor.body(Buffer.from(text, 'utf8'), 'application/json', where)
  if (!clean.safe) state.unsafe = true
  const after = Buffer.from(clean.bytes).toString('utf8')
  const bytes = apart.bytes.map((one) => {
    const result = redactor.body(one, undefined, where)
    if (!result.safe) state.unsafe = true
    return result.safe ? result.bytes : WITHHELD
  })
  // What is apart may hold what was only now seen to be a secret.
  const kept = apart.kept.map((one) => {
    const again = seenIn(one, redactor, where)
    if (again !== one) apart.changed = true
    return again
  })
  if (after === text && !apart.changed && bytes.every((one, index) => one === apart.bytes[index])) return tree
  const cleaned: Cleaned = { bytes, kept, whole: true }
  const restored = restore(tree, parse(after), cleaned)
  if (cleaned.whole) return restored
  // What was replaced reached over the end of a value: nothing of the tree is left.
  state.unsafe = true
  return {}
}

function parse(json: string): Value {
  try {
    return (JSON.parse(json) as { readonly message: Value }).message
  } catch {
    return null
  }
}

/** What stands beside a tree while it is searched, with a mark in its place. */
interface Apart {
  readonly redactor: Redactor
  readonly where: string
  readonly bytes: Uint8Array[]
  /** What has rules of its own, clean. */
  readonly kept: Value[]
  changed: boolean
}

function seenIn(value: Value, redactor: Redactor, where: string): Value {
  if (typeof value === 'string') return redactor.seen(value, where)
  if (!isList(value)) return value
  const items = value.map((item) => seenIn(item, redactor, where))
  return items.every((item, index) => item === value[index]) ? value : items
}

function keep(value: Value, clean: Value, apart: Apart): Value {
  if (clean !== value) apart.changed = true
  apart.kept.push(clean)
  return `\u0000kept ${apart.kept.length - 1}`
}

function show(value: Value, apart: Apart, columns?: readonly string[]): Value {
  if (value instanceof Uint8Array) {
    apart.bytes.push(value)
    return `\u0000bytes ${apart.bytes.length - 1}`
  }
  if (isList(value)) {
    return value.map((item, index) => {
      const inner = show(item, apart)
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
      return [key, rows ? item.map((row) => show(row, apart, own)) : show(item, apart, own)]
    }
    if (isSql(key, item)) {
      const { pieces, literals } = sqlValues(item)
      return [key, literals.map((name, index) => ({ [name]: pieces[index * 2 + 1] ?? '' }))]
    }
    if (isHeaderList(key, item)) return [key, keep(item, apart.redactor.headers(item, apart.where), apart)]
    if (key === 'target' && typeof item === 'string') {
      return [key, keep(item, apart.redactor.target(item, apart.where), apart)]
    }
    if (key === 'rows' && names !== undefined && isList(item)) {
      return [key, item.map((row) => (isList(row) ? show(row, apart, names) : show(row, apart)))]
    }
    return [key, show(item, apart)]
  })
  return Object.fromEntries(entries)
}

/** The value of a mapping of one field, whose name may have been cleaned as well. */
function onlyValue(value: Value | undefined): Value {
  return isMapping(value) ? (Object.values(value)[0] ?? null) : null
}

interface Cleaned {
  readonly bytes: readonly Uint8Array[]
  readonly kept: readonly Value[]
  /** False when the shape was lost. */
  whole: boolean
}

/** Puts what was cleaned back into the shape of the tree. */
function restore(tree: Value, clean: Value, apart: Cleaned, columns?: readonly string[]): Value {
  if (tree instanceof Uint8Array) return apart.bytes[numberIn(clean)] ?? WITHHELD
  if (!isSameShape(tree, clean)) {
    apart.whole = false
    return null
  }
  if (isList(tree) && isList(clean)) {
    return tree.map((item, index) => {
      const inner = clean[index] as Value
      return restore(item, columns === undefined ? inner : onlyValue(inner), apart)
    })
  }
  if (!isMapping(tree) || !isMapping(clean)) return clean
  const names = columnNames(tree)
  const given = givenNames(tree)
  const rowsOf = (rows: readonly Value[], inner: readonly Value[], named: readonly string[]): Value =>
    rows.map((row, index) => restore(row, inner[index] as Value, apart, isList(row) ? named : undefined))
  // Names may hold secrets too: fields are told by their order.
  const cleanKeys = Object.keys(clean)
  return Object.fromEntries(
    Object.keys(tree).map((key, at): [string, Value] => {
      const item = tree[key] as Value
      const cleanKey = cleanKeys[at] as string
      const inner = clean[cleanKey] as Value
      const own = given.get(key)
      if (isSql(key, item) && isList(inner)) return [key, withLiterals(item, inner)]
      if (isHeaderList(key, item) || (key === 'target' && typeof item === 'string')) {
        return [key, apart.kept[numberIn(inner)] ?? null]
      }
      if (own !== undefined && isList(item) && isList(inner)) {
        return [key, key === 'batch' ? rowsOf(item, inner, own) : restore(item, inner, apart, own)]
      }
      if (key === 'rows' && names !== undefined && isList(item) && isList(inner)) {
        return [key, rowsOf(item, inner, names)]
      }
      return [cleanKey, restore(item, inner, apart)]
    }),
  )
}

/** Strings and numbers may have become another value; what holds others has as many as before. */
function isSameShape(tree: Value, clean: Value | undefined): boolean {
  if (clean === undefined) return false
  if (isList(tree)) return isList(clean) && clean.length === tree.length
  if (!isMapping(tree)) return !isMapping(clean) && !isList(clean)
  return isMapping(clean) && Object.keys(clean).length === Object.keys(tree).length
}

/** The number in a mark. */
function numberIn(mark: Value): number {
  return Number(/\d+$/.exec(typeof mark === 'string' ? mark : '')?.[0] ?? -1)
}

function withLiterals(sql: string, literals: readonly Value[]): string {
  return sqlValues(sql)
    .pieces.map((piece, at) => {
      const literal = at % 2 === 0 ? piece : onlyValue(literals[(at - 1) / 2])
      return typeof literal === 'string' ? literal : piece
    })
    .join('')
}
