import type { Value } from '@keploy-framework/format'

import { sqlValues, wordNames } from './value-names.ts'

type Mapping = { readonly [key: string]: Value }

export function isMapping(value: Value | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

/** Header lines that stand one by one: they go by rules of their own. */
export function isHeaderList(key: string, value: Value | undefined): value is readonly (readonly [string, string])[] {
  return (
    (key === 'headers' || key === 'trailers' || key === 'metadata') &&
    isList(value) &&
    value.every((pair) => isList(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string'))
  )
}

/** Names of columns, where a tree is a table: `columns` with names beside `rows`. */
export function columnNames(value: Mapping): readonly string[] | undefined {
  const { columns, rows } = value
  if (!isList(columns) || !isList(rows)) return undefined
  return columns.map((column) => {
    const name = isMapping(column) ? column['name'] : column
    return typeof name === 'string' ? name : ''
  })
}

/** Only literals of a statement can be secrets: `password = $1` is none. */
export function isSql(key: string, value: Value | undefined): value is string {
  return (key === 'sql' || key === 'prepare') && typeof value === 'string'
}

/** Values that a statement or a command gives names to, by the field that they stand in. */
export function givenNames(value: Mapping): ReadonlyMap<string, readonly string[]> {
  const { sql, command, args } = value
  if (typeof sql === 'string') {
    const { parameters } = sqlValues(sql)
    return new Map(['params', 'batch'].map((key) => [key, parameters]))
  }
  if (typeof command !== 'string' || !isList(args)) return NONE
  return new Map([['args', wordNames(command, args)]])
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map()
