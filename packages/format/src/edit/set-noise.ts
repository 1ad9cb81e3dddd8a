import { splitIntoDocuments } from '../documents/document.ts'
import { FormatError } from '../errors.ts'
import { isRecord, own } from '../yaml/values.ts'
import { setIn } from './edit-document.ts'

/**
 * The text of a test with one path marked as noise: `regexes` empty ignores it always, otherwise only values that match
 * one of them. The file keeps its dialect (a mapping, a list, or the bare `spec.noise` list), unless a list would have to
 * hold regular expressions, which it has no place for.
 *
 * @throws {FormatError} when the text holds no readable test.
 * @example
 * setNoise(text, 'body.created_at', []) // adds one line below `noise:`
 */
export function setNoise(
  text: string,
  path: string,
  regexes: readonly string[],
  options: { file?: string } = {},
): string {
  const documents = splitIntoDocuments(text, options)
  const [document] = documents
  if (document === undefined) throw new FormatError('KEPLOY_FORMAT_NO_VALUE', 'This file has no test to edit.')
  if (document.issue !== undefined) throw new FormatError(document.issue.code, document.issue.message)
  const spec = own(document.model, 'spec')
  if (!isRecord(spec)) throw new FormatError('KEPLOY_FORMAT_NO_VALUE', 'This document has no spec, so it is no test.')
  const inAssertions = own(own(spec, 'assertions'), 'noise')
  const bare = own(spec, 'noise')
  const useBare = inAssertions === undefined && Array.isArray(bare)
  const list = useBare ? bare : inAssertions
  const place = useBare ? ['spec', 'noise'] : ['spec', 'assertions', 'noise']
  if (Array.isArray(list) && list.length > 0) {
    const names = list.map(String)
    const known = names.findIndex((name) => name === path || (useBare && `body.${name}` === path))
    if (regexes.length === 0) {
      if (known === -1) setIn(document, [...place, names.length], bareName(path, useBare))
    } else {
      const prefixed = names.map((name) => (useBare && !/^(?:header|body)\b/.test(name) ? `body.${name}` : name))
      const map = Object.fromEntries(prefixed.map((name): [string, readonly string[]] => [name, []]))
      setIn(document, place, { ...map, [path]: regexes })
    }
  } else if (Array.isArray(list)) {
    setIn(document, place, { [path]: regexes })
  } else {
    setIn(document, [...place, path], regexes, { before: ['created', 'app_port'] })
  }
  return documents.map(String).join('')
}

function bareName(path: string, bare: boolean): string {
  return bare && path.startsWith('body.') ? path.slice('body.'.length) : path
}
