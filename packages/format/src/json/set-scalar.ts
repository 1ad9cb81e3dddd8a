import { FormatError } from '../errors.ts'
import type { PathStep } from '../yaml/locate.ts'
import type { Scalar } from '../yaml/set-scalar.ts'
import { emitJson } from './emit.ts'
import { findInJson } from './parse.ts'

/** The JSON text with one scalar changed. */
export function setScalarInJson(text: string, path: readonly PathStep[], value: Scalar): string {
  const span = findInJson(text, path)
  const first = span === undefined ? '' : text[span.start]
  if (span === undefined || first === '{' || first === '[') {
    throw new FormatError('KEPLOY_FORMAT_NO_VALUE', `There is no scalar at ${path.join('.')} to set.`)
  }
  return text.slice(0, span.start) + emitJson(value) + text.slice(span.end)
}
