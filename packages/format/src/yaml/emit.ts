import { doubleQuoted, formatString, isSafeInFlow, literalBlock } from './scalar.ts'
import { isRecord, PlainScalar, TaggedValue } from './values.ts'

/** Text that is written as it stands, for example a time stamp that must not be quoted. */
export class RawText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export interface EmitOptions {
  /** Spaces per level. Default: 2. */
  readonly indent?: number
  /** Spaces in front of the first level. Default: 0. */
  readonly base?: number
  /** Default: `\n`. */
  readonly newline?: string
}

interface Style {
  readonly step: number
  readonly newline: string
  /** Between other lines, a block that keeps its last line ends would take the blank ones that follow as well. */
  readonly amongOthers?: boolean
}

/**
 * Writes a value as YAML in the shape of Go's library: block mappings and sequences, strings quoted only where they
 * must be, `|` for text of several lines, `!!binary` for bytes. The last line has its line end.
 */
export function emitYaml(value: unknown, options: EmitOptions = {}): string {
  const style = { step: options.indent ?? 2, newline: options.newline ?? '\n' }
  const base = options.base ?? 0
  const inline = inlineValue(value, base, style)
  if (inline !== undefined) return inline + style.newline
  return blockLines(value, base, style)
}

/** What stands on the line of its key: scalars and empty collections; `undefined` for collections with content. */
export function inlineValue(value: unknown, indent: number, style: Style): string | undefined {
  if (typeof value === 'string') {
    if (style.amongOthers === true && value.endsWith('\n\n')) return doubleQuoted(value)
    return formatString(value, indent + style.step, style.step, style.newline)
  }
  if (value === null || value === undefined) return 'null'
  if (value instanceof RawText) return value.text
  if (typeof value === 'number') return formatNumber(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof PlainScalar) return value.text
  if (value instanceof Uint8Array) return formatBinary(value, indent, style)
  if (value instanceof TaggedValue) return formatTagged(value, indent, style)
  if (Array.isArray(value)) return value.length === 0 ? '[]' : undefined
  if (isRecord(value)) return Object.keys(value).length === 0 ? '{}' : undefined
  throw new TypeError(`A ${typeof value} can't be written as YAML.`)
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (value === Infinity) return '.inf'
  if (value === -Infinity) return '-.inf'
  return Object.is(value, -0) ? '-0' : String(value)
}

function formatBinary(bytes: Uint8Array, indent: number, style: Style): string {
  const base64 = Buffer.from(bytes).toString('base64')
  if (base64 === '') return '!!binary ""'
  if (base64.length <= 70) return `!!binary ${base64}`
  const lines = base64.match(/.{1,70}/g)!.join('\n')
  return `!!binary ${literalBlock(`${lines}\n`, indent + style.step, style.step, style.newline)!}`
}

function formatTagged(tagged: TaggedValue, indent: number, style: Style): string | undefined {
  const tag = formatTag(tagged.tag)
  const { value } = tagged
  if (typeof value === 'string') {
    return `${tag} ${formatString(value, indent + style.step, style.step, style.newline)}`
  }
  if (value === null) return tag
  const inline = inlineValue(value, indent, style)
  return inline === undefined ? undefined : `${tag} ${inline}`
}

function formatTag(tag: string): string {
  if (tag.startsWith('!')) return tag
  const known = 'tag:yaml.org,2002:'
  return tag.startsWith(known) ? `!!${tag.slice(known.length)}` : `!<${tag}>`
}

/** The lines of a collection with content, each with its line end, all indented by `indent`. */
export function blockLines(value: unknown, indent: number, style: Style): string {
  const pad = ' '.repeat(indent)
  if (value instanceof TaggedValue) {
    return `${pad}${formatTag(value.tag)}${style.newline}${blockLines(value.value, indent, style)}`
  }
  let text = ''
  if (Array.isArray(value)) {
    for (const item of value) text += `${pad}-${afterMark(item, indent, style)}`
    return text
  }
  for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
    text += pad + entryLines(key, item, indent, style)
  }
  return text
}

/** One `key: value` of a mapping without the indentation of its first line. */
export function entryLines(key: string, value: unknown, indent: number, style: Style): string {
  const name = formatKey(key)
  // YAML readers look for the colon of a simple key only so far.
  const head = name.length > 128 ? `? ${name}${style.newline}${' '.repeat(indent)}:` : `${name}:`
  const inline = inlineValue(value, indent, style)
  if (inline !== undefined) return `${head} ${inline}${style.newline}`
  if (value instanceof TaggedValue) {
    return `${head} ${formatTag(value.tag)}${style.newline}${blockLines(value.value, indent + style.step, style)}`
  }
  return `${head}${style.newline}${blockLines(value, indent + style.step, style)}`
}

function afterMark(item: unknown, indent: number, style: Style): string {
  const inline = inlineValue(item, indent, style)
  if (inline !== undefined) return ` ${inline}${style.newline}`
  if (item instanceof TaggedValue) {
    return ` ${formatTag(item.tag)}${style.newline}${blockLines(item.value, indent + style.step, style)}`
  }
  // The first line of the item stands behind the dash.
  const deeper = indent + style.step
  const lines = blockLines(item, deeper, style)
  return ' '.repeat(style.step - 1) + lines.slice(deeper)
}

/** A mapping key, quoted where it must be. */
export function formatKey(key: string): string {
  if (key.includes('\n')) return doubleQuoted(key)
  return isSafeInFlow(key) ? key : formatString(key, 0, 0)
}
