import { FAILSAFE_SCHEMA, Type } from 'js-yaml'

import { PlainScalar, TaggedValue } from './values.ts'

// Every type here resolves at most once per scalar and looks at the first character first: this is the hot path of
// reading, and most scalars are strings.

const nullWords = new Set(['', '~', 'null', 'Null', 'NULL'])
const trueWords = new Set(['true', 'True', 'TRUE'])
const falseWords = new Set(['false', 'False', 'FALSE'])
const otherInteger = /^[-+]?(?:0o[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*)$/
const floatForm = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const specialFloat = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

function startsNumber(text: string): boolean {
  const code = text.charCodeAt(0)
  return (code >= 48 && code <= 57) || code === 45 || code === 43 || code === 46
}

function isCanonicalInteger(text: string): boolean {
  const length = text.length
  let at = text.charCodeAt(0) === 45 ? 1 : 0
  if (at === length) return false
  if (text.charCodeAt(at) === 48) return length === 1
  for (; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return true
}

/** The value of a plain scalar that looks like a number, or `undefined` when it is a string after all. */
export function resolveNumber(text: string): number | bigint | PlainScalar | undefined {
  if (text === '' || !startsNumber(text)) return undefined
  if (isCanonicalInteger(text)) {
    const number = Number(text)
    return Number.isSafeInteger(number) ? number : BigInt(text)
  }
  if (otherInteger.test(text)) return new PlainScalar(text, integerValue(text))
  if (floatForm.test(text)) {
    const number = Number(text)
    return String(number) === text ? number : new PlainScalar(text, number)
  }
  if (specialFloat.test(text)) {
    const word = text.toLowerCase()
    if (word.endsWith('nan')) return new PlainScalar(text, Number.NaN)
    return new PlainScalar(text, word.startsWith('-') ? -Infinity : Infinity)
  }
  return undefined
}

/** The value of any plain scalar. */
export function resolvePlain(text: string): unknown {
  if (nullWords.has(text)) return null
  if (trueWords.has(text) || falseWords.has(text)) return boolValue(text)
  return resolveNumber(text) ?? text
}

function boolValue(text: string): boolean | PlainScalar {
  const value = trueWords.has(text)
  return text === String(value) ? value : new PlainScalar(text, value)
}

function integerValue(text: string): number | bigint {
  const negative = text.startsWith('-')
  let digits = text.replace(/^[-+]/, '').replaceAll('_', '')
  // As in Go: a leading zero means octal where all digits allow it.
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`
  else if (/^0[0-9]/.test(digits)) digits = digits.replace(/^0+(?=[0-9])/, '')
  let value: bigint
  try {
    value = BigInt(digits)
  } catch {
    return Number.NaN
  }
  if (negative) value = -value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

const nullType = new Type('tag:yaml.org,2002:null', {
  kind: 'scalar',
  resolve: (data: unknown) => data === null || (typeof data === 'string' && data.length < 5 && nullWords.has(data)),
  construct: () => null,
})

const boolType = new Type('tag:yaml.org,2002:bool', {
  kind: 'scalar',
  resolve: (data: unknown) =>
    typeof data === 'string' && data.length < 6 && (trueWords.has(data) || falseWords.has(data)),
  construct: boolValue,
})

const numberOptions = {
  kind: 'scalar' as const,
  resolve: (data: unknown) => typeof data === 'string' && resolveNumber(data) !== undefined,
  construct: (data: string) => resolveNumber(data),
}

const intType = new Type('tag:yaml.org,2002:int', numberOptions)
// Never reached implicitly (numbers of all forms are taken by the type above), but `!!float 1` names it.
const floatType = new Type('tag:yaml.org,2002:float', numberOptions)

const base64Text = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

const binaryType = new Type('tag:yaml.org,2002:binary', {
  kind: 'scalar',
  resolve: (data: unknown) => data === null || (typeof data === 'string' && base64Text.test(data)),
  construct: (data: string | null) => new Uint8Array(Buffer.from(data ?? '', 'base64')),
})

const mergeType = new Type('tag:yaml.org,2002:merge', {
  kind: 'scalar',
  resolve: (data: unknown) => data === '<<' || data === null,
})

function keep(prefix: string, kind: 'scalar' | 'sequence' | 'mapping'): Type {
  return new Type(prefix, {
    kind,
    multi: true,
    resolve: () => true,
    construct: (data: unknown, tag?: string) => new TaggedValue(tag ?? prefix, data),
  })
}

/** YAML 1.2's core types with exact numbers; binary and merge keys as Go has them; other tags are kept as they are. */
export const schema = FAILSAFE_SCHEMA.extend({
  implicit: [nullType, boolType, intType, mergeType],
  explicit: [
    floatType,
    binaryType,
    ...(['scalar', 'sequence', 'mapping'] as const).flatMap((kind) => [keep('!', kind), keep('tag:', kind)]),
  ],
})
