import { isRecord } from '../yaml/values.ts'
import type { YamlValue } from '../yaml/values.ts'

/** Bytes, or characters of a text, that a document of a call holds at most in one place: 64 KiB. What is longer lies beside. */
const MAX_INLINE = 64 * 1024

/** How a document says that a value lies in a file of the set. */
const KEY = '$asset'

/**
 * Takes long values out of a tree, to be written as files of the set; `{ $asset: path, type, size }` stands in their place,
 * with the size in bytes.
 *
 * @example
 * const { spec, files } = takeAssets('mock-0', { body: new Uint8Array(100_000) }) // files has assets/mock-0/1.bin
 */
export function takeAssets(
  mock: string,
  spec: Readonly<Record<string, YamlValue>>,
): { spec: Readonly<Record<string, YamlValue>>; files: ReadonlyMap<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  const take = (value: YamlValue): YamlValue => {
    if (value instanceof Uint8Array && value.length > MAX_INLINE) return reference(value, 'binary')
    if (typeof value === 'string' && value.length > MAX_INLINE) return reference(Buffer.from(value, 'utf8'), 'text')
    if (Array.isArray(value)) return value.map(take)
    if (!isRecord(value)) return value
    return Object.fromEntries(
      Object.entries(value as Record<string, YamlValue>).map(([key, item]) => [key, take(item)]),
    )
  }
  const reference = (bytes: Uint8Array, type: 'binary' | 'text'): YamlValue => {
    const path = `assets/${mock}/${files.size + 1}.${type === 'text' ? 'txt' : 'bin'}`
    files.set(path, bytes)
    return { [KEY]: path, type, size: bytes.length }
  }
  const taken = take(spec) as Record<string, YamlValue>
  return files.size === 0 ? { spec, files } : { spec: taken, files }
}

/**
 * Puts what lies beside back into a tree. `read` gives the bytes of a path within the set, or nothing when there are none:
 * then that is the problem, as is a file of another size than the document says.
 */
export function fillAssets(
  spec: Readonly<Record<string, YamlValue>>,
  read: (path: string) => Uint8Array | undefined,
): { readonly spec: Readonly<Record<string, YamlValue>> } | { readonly problem: string } {
  let problem: string | undefined
  const fill = (value: YamlValue): YamlValue => {
    if (Array.isArray(value)) return value.map(fill)
    if (!isRecord(value)) return value
    const path = value[KEY]
    if (typeof path === 'string' && (value['type'] === 'binary' || value['type'] === 'text')) {
      const bytes = read(path)
      const { size } = value
      if (bytes === undefined) problem ??= `its file ${path} is not in the set`
      else if (typeof size === 'number' && size !== bytes.length)
        problem ??= `its file ${path} has ${bytes.length} bytes, and ${size} are said in the document (size)`
      else return value['type'] === 'text' ? Buffer.from(bytes).toString('utf8') : bytes
      return null
    }
    const entries = Object.entries(value as Record<string, YamlValue>)
    return entries.some(([, item]) => typeof item === 'object' && item !== null)
      ? Object.fromEntries(entries.map(([key, item]) => [key, fill(item)]))
      : value
  }
  const filled = fill(spec) as Record<string, YamlValue>
  return problem === undefined ? { spec: filled } : { problem }
}
