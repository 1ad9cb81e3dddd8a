import { Cursor, int32, sized } from './bytes.ts'
import { scalars } from './scalars.ts'

const MAX_DIMENSIONS = 6
type Nested = string | null | Nested[]

function quoted(text: string): string {
  const plain = text !== '' && !/[{}",\\\s]/.test(text) && text.toUpperCase() !== 'NULL'
  return plain ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** An array in binary form as Postgres writes it: `{1,2,NULL}`. */
export function arrayText(element: number, bytes: Buffer): string | undefined {
  const codec = scalars.get(element)
  const cursor = new Cursor(bytes)
  const dimensions = cursor.int32()
  cursor.int32()
  if (codec === undefined || cursor.uint32() !== element || dimensions < 0 || dimensions > MAX_DIMENSIONS)
    return undefined
  if (dimensions === 0) return '{}'
  const sizes: number[] = []
  for (let index = 0; index < dimensions; index++) {
    sizes.push(cursor.int32())
    // Arrays that begin elsewhere than at 1 are written in another form; they stay bytes.
    if (cursor.int32() !== 1) return undefined
  }
  const write = (depth: number): string | undefined => {
    const items: string[] = []
    for (let index = 0; index < (sizes[depth] as number); index++) {
      if (cursor.broken) return undefined
      const value = depth + 1 < dimensions ? undefined : cursor.value()
      const text = value === undefined ? write(depth + 1) : value === null ? 'NULL' : codec.toText(value)
      if (text === undefined) return undefined
      items.push(value === undefined || value === null ? text : quoted(text))
    }
    return `{${items.join(',')}}`
  }
  return write(0)
}

/** Reads `{1,{…},"a b",NULL}`. */
function parse(text: string): Nested[] | undefined {
  const stack: Nested[][] = []
  let at = 0
  let done: Nested[] | undefined
  while (at < text.length && done === undefined) {
    const char = text[at] as string
    const top = stack.at(-1)
    if (char === '{') {
      if (stack.length >= MAX_DIMENSIONS) return undefined
      const list: Nested[] = []
      top?.push(list)
      stack.push(list)
      at++
    } else if (top === undefined) return undefined
    else if (char === '}') {
      const list = stack.pop()
      if (stack.length === 0) done = list
      at++
    } else if (char === ',') at++
    else if (char === '"') {
      const match = /"((?:[^"\\]|\\[\s\S])*)"/y
      match.lastIndex = at
      const found = match.exec(text)
      if (found === null) return undefined
      top.push((found[1] as string).replaceAll(/\\([\s\S])/g, '$1'))
      at = match.lastIndex
    } else {
      const match = /[^{},"\\]+/y
      match.lastIndex = at
      const found = match.exec(text)?.[0]
      if (found === undefined) return undefined
      top.push(found.toUpperCase() === 'NULL' ? null : found)
      at = match.lastIndex
    }
  }
  return at === text.length ? done : undefined
}

/** The binary form of `{1,2,NULL}`. */
export function arrayBytes(element: number, text: string): Buffer | undefined {
  const codec = scalars.get(element)
  const parsed = parse(text)
  if (codec === undefined || parsed === undefined) return undefined
  if (parsed.length === 0) return Buffer.concat([int32(0), int32(0), int32(element)])
  const sizes: number[] = []
  for (let level: Nested | undefined = parsed; Array.isArray(level); level = level[0]) sizes.push(level.length)
  const values: Buffer[] = []
  let nulls = 0
  const write = (item: Nested, depth: number): boolean => {
    if (Array.isArray(item)) return item.length === sizes[depth] && item.every((inner) => write(inner, depth + 1))
    if (depth !== sizes.length) return false
    if (item === null) nulls = 1
    const bytes = item === null ? null : codec.toBytes(item)
    if (bytes === undefined) return false
    values.push(sized(bytes))
    return true
  }
  if (!write(parsed, 0)) return undefined
  const head = [int32(sizes.length), int32(nulls), int32(element), ...sizes.flatMap((size) => [int32(size), int32(1)])]
  return Buffer.concat([...head, ...values])
}
