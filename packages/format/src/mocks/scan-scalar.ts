const SINGLE = /^'(?:[^']|'')*'$/
const DOUBLE = /^"(?:[^"\\]|\\["\\/bfnrt])*"$/
// Numbers that are written as they are read, moments, and addresses.
const DIGITS = /^(?:0|[1-9]\d{0,14}|\d{4}-\d\d-\d\d[T ][\d:.Z+-]+|\d+(?:\.\d+){3}(?::\d+)?)$/
const PLAIN = /^[A-Za-z_/][\x20-\x7e]*$/
const NULL = /^(?:null|Null|NULL)$/
const TAIL = /[ \t]+$/

/**
 * The text of a scalar that stands on one line behind its key, as the YAML reader gives it. Nothing for what takes more
 * knowledge of YAML: tags, anchors, flow collections, blocks, comments behind the value, rare escapes.
 */
export function scanScalar(source: string): string | undefined {
  const value = source.replace(TAIL, '')
  if (value === '' || NULL.test(value)) return ''
  if (SINGLE.test(value)) return value.slice(1, -1).replaceAll("''", "'")
  if (DOUBLE.test(value)) return value.includes('\t') ? undefined : (JSON.parse(value) as string)
  if (DIGITS.test(value)) return value
  const plain = PLAIN.test(value) && !value.includes(': ') && !value.includes(' #') && !value.endsWith(':')
  return plain ? value : undefined
}
