import { isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'

import { FormatError } from '../errors.ts'
import { emitJson } from '../json/emit.ts'
import { blockLines, entryLines, inlineValue } from './emit.ts'
import { loadYaml } from './load.ts'
import { LocatedDocument, type PathStep, type ValuePlace } from './locate.ts'
import { type Scalar, setScalarInYaml } from './set-scalar.ts'
import { isRecord, own, PlainScalar } from './values.ts'

export interface SetInOptions {
  /** A new key is put in front of the first of these that its mapping has; else at the end. */
  readonly before?: readonly string[]
}

/**
 * The text with the value at a path set, whatever it is; missing mappings on the way are made. Lines of other values
 * stay as they are.
 */
export function setInYaml(
  located: LocatedDocument,
  path: readonly PathStep[],
  value: unknown,
  options: SetInOptions = {},
): string {
  const existing = located.find(path)
  if (existing !== undefined) {
    if (isScalarValue(value) && existing.place.style !== 'collection') return setScalarInYaml(located, path, value)
    return replaceValue(located, existing.place, existing.node, value)
  }
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const found = located.find(path.slice(0, depth))
    if (found === undefined) continue
    const step = path[depth]!
    const rest = path.slice(depth + 1)
    const wrapped = rest.reduceRight<unknown>((inner, key) => ({ [String(key)]: inner }), value)
    const { node, place } = found
    if (isMap(node) && node.items.length > 0) {
      if (node.flow === true)
        return appendFlow(located.text, place.end, `${JSON.stringify(String(step))}: ${emitJson(wrapped)}`)
      return insertEntry(located.text, node, String(step), wrapped, options)
    }
    if (isSeq(node) && node.items.length > 0) {
      if (node.flow === true) return appendFlow(located.text, place.end, flowItem(wrapped))
      return appendItem(located.text, node, wrapped)
    }
    if (isSeq(node)) return replaceValue(located, place, node, [wrapped])
    if (isMap(node) || place.style === 'empty' || isNull(located.text, place)) {
      return replaceValue(located, place, node, { [String(step)]: wrapped })
    }
    throw new FormatError(
      'KEPLOY_FORMAT_NO_VALUE',
      `The value at ${path.slice(0, depth).join('.')} is a scalar, so nothing can be set within it.`,
    )
  }
  throw new FormatError('KEPLOY_FORMAT_NO_VALUE', 'This document is empty, so nothing can be set in it.')
}

/** The text without the entry at a path; unchanged when there is none. Only entries of block mappings and sequences. */
export function removeInYaml(located: LocatedDocument, path: readonly PathStep[]): string {
  const found = located.find(path)
  const { text } = located
  if (found === undefined || path.length === 0) return text
  const { parent } = found
  const last = path.at(-1)!
  const count = isMap(parent) || isSeq(parent) ? parent.items.length : 0
  // The last entry leaves an empty collection behind.
  if (count === 1 || found.place.inFlow) {
    const parentPath = path.slice(0, -1)
    const outer = located.find(parentPath)!
    const model = without(valueAt(text, parentPath), last)
    if (!outer.place.inFlow) return replaceValue(located, outer.place, outer.node, model)
    return text.slice(0, outer.place.start) + emitJson(model) + text.slice(outer.place.end)
  }
  const start = text.lastIndexOf('\n', entryStart(parent, last) - 1) + 1
  const end = lineAfter(text, Math.max(found.place.end, start))
  // Blank lines behind the entry go with it: a block above that keeps its last ones would take them.
  const rest = text.slice(end).replace(/^(?:[ \t]*\r?\n)+/, '')
  return text.slice(0, start) + rest
}

function valueAt(text: string, path: readonly PathStep[]): unknown {
  const loaded = loadYaml(text)
  const top = 'value' in loaded ? loaded.value : null
  return path.reduce<unknown>((at, step) => (Array.isArray(at) ? at[Number(step)] : own(at, String(step))), top)
}

function without(model: unknown, step: PathStep): unknown {
  if (Array.isArray(model)) return model.filter((_, index) => index !== Number(step))
  return Object.fromEntries(Object.entries(model as object).filter(([key]) => key !== String(step)))
}

function isScalarValue(value: unknown): value is Scalar {
  return !Array.isArray(value) && !isRecord(value)
}

function isNull(text: string, place: ValuePlace): boolean {
  return place.style === 'plain' && /^(?:~|null)$/i.test(text.slice(place.start, place.end))
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

function replaceValue(located: LocatedDocument, place: ValuePlace, node: Node | null, value: unknown): string {
  const { text } = located
  if (place.inFlow) return text.slice(0, place.tagStart) + emitJson(value) + text.slice(place.end)
  let from = place.tagStart
  while (from > 0 && /[ \t\r\n]/.test(text[from - 1]!)) from--
  let to = place.end
  while (to > from && /[ \t\r\n]/.test(text[to - 1]!)) to--
  const newline = newlineOf(text)
  const step = stepOf(located)
  const style = { step, newline, amongOthers: true }
  const indent = Math.max(place.parentIndent, 0)
  const inline = inlineValue(value, indent, style)
  const isTop = node !== null && node === located.root
  const written =
    inline === undefined
      ? (isTop ? '' : newline) + blockLines(value, isTop ? 0 : indent + step, style).replace(/\r?\n$/, '')
      : `${isTop ? '' : ' '}${inline}`
  return text.slice(0, isTop ? place.start : from) + written + text.slice(to)
}

/** How deep this document indents. */
function stepOf(located: LocatedDocument): number {
  const match = /^[^\s#-][^\n]*:[ \t]*\r?\n( +)\S/m.exec(located.text)
  const step = match?.[1]!.length ?? 2
  return step >= 2 && step <= 8 ? step : 2
}

function insertEntry(text: string, map: YAMLMap, key: string, value: unknown, options: SetInOptions): string {
  const indent = (map.srcToken as { indent?: number } | undefined)?.indent ?? 0
  const newline = newlineOf(text)
  const step = childStep(text, map, indent)
  const lines = ' '.repeat(indent) + entryLines(key, value, indent, { step, newline, amongOthers: true })
  for (const name of options.before ?? []) {
    const pair = map.items.find((item) => String((item.key as { value?: unknown } | null)?.value) === name)
    const at = (pair?.key as Node | undefined)?.range?.[0]
    if (at !== undefined && map.items[0] !== pair) {
      const start = text.lastIndexOf('\n', at - 1) + 1
      return text.slice(0, start) + lines + text.slice(start)
    }
  }
  const last = map.items.at(-1)!
  const end = ((last.value ?? last.key) as Node).range![1]
  return insertLines(text, Math.max(end, (last.key as Node).range![1]), lines, newline)
}

function appendItem(text: string, seq: YAMLSeq, value: unknown): string {
  const indent = (seq.srcToken as { indent?: number } | undefined)?.indent ?? 0
  const newline = newlineOf(text)
  const lines = blockLines([value], indent, { step: 2, newline, amongOthers: true })
  const end = (seq.items.at(-1) as Node | null)?.range?.[1] ?? seq.range![1]
  return insertLines(text, end, lines, newline)
}

function insertLines(text: string, after: number, lines: string, newline: string): string {
  const at = lineAfter(text, after)
  const glue = at > 0 && text[at - 1] !== '\n' ? newline : ''
  const written = glue === '' ? lines : lines.replace(/\r?\n$/, '')
  return text.slice(0, at) + glue + written + text.slice(at)
}

/** The start of the line behind a place, which may itself stand behind the line's end. */
function lineAfter(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at
  const newline = text.indexOf('\n', at)
  return newline === -1 ? text.length : newline + 1
}

function entryStart(parent: Node, step: PathStep): number {
  if (isMap(parent)) {
    const pair = parent.items.find((item) => String((item.key as { value?: unknown } | null)?.value) === String(step))
    return (pair?.key as Node | undefined)?.range?.[0] ?? 0
  }
  return ((parent as YAMLSeq).items[Number(step)] as Node | null)?.range?.[0] ?? 0
}

/** How much deeper the children of this mapping's entries stand. */
function childStep(text: string, map: YAMLMap, indent: number): number {
  for (const { value } of map.items) {
    if (isMap(value) && value.flow !== true) {
      const deeper = ((value.srcToken as { indent?: number } | undefined)?.indent ?? 0) - indent
      if (deeper >= 1 && deeper <= 8) return deeper
    }
  }
  const parentStep = /^( +)\S/m.exec(text)?.[1]?.length
  return parentStep === 4 ? 4 : 2
}

function appendFlow(text: string, end: number, item: string): string {
  const close = end - 1
  let at = close
  while (at > 0 && /[\s]/.test(text[at - 1]!)) at--
  const glue = text[at - 1] === ',' ? ' ' : ', '
  return text.slice(0, at) + glue + item + text.slice(at)
}

function flowItem(value: unknown): string {
  if (value instanceof PlainScalar) return value.text
  return typeof value === 'string' && /^[A-Za-z_][\w.]*$/.test(value) ? value : emitJson(value)
}
