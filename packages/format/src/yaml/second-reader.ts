import { isAlias, isMap, isScalar, isSeq, type Document as YamlDocument, type Node, parseDocument } from 'yaml'

import { maxExpandedValues, maxNesting } from '../defaults.ts'
import { resolvePlain } from './schema.ts'
import { PlainScalar, setOwn, TaggedValue } from './values.ts'

/**
 * Reads a document that the fast reader refuses, with one that is ten times slower and follows the YAML specification
 * to the letter. `undefined` when it refuses it too.
 */
export function readSlowly(text: string): { readonly value: unknown } | undefined {
  try {
    const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent', uniqueKeys: true })
    if (document.errors.length > 0) return undefined
    return { value: new Converter(document).convert(document.contents, 0) }
  } catch {
    return undefined
  }
}

class Converter {
  readonly #document: YamlDocument.Parsed
  #count = 0

  constructor(document: YamlDocument.Parsed) {
    this.#document = document
  }

  convert(node: Node | null, depth: number): unknown {
    if (++this.#count > maxExpandedValues || depth > maxNesting) throw new RangeError('The document is too large.')
    if (node === null) return null
    if (isAlias(node)) return this.convert(node.resolve(this.#document) ?? null, depth + 1)
    if (isScalar(node)) return scalarValue(node.source ?? '', node.tag, node.type === 'PLAIN')
    if (isSeq(node)) {
      return tagged(
        node.tag,
        'seq',
        node.items.map((item) => this.convert(item as Node | null, depth + 1)),
      )
    }
    if (!isMap(node)) throw new TypeError('A node of an unknown kind.')
    const result: Record<string, unknown> = {}
    for (const { key, value } of node.items) {
      const name = this.convert(key as Node | null, depth + 1)
      setOwn(result, keyName(name), this.convert(value as Node | null, depth + 1))
    }
    return tagged(node.tag, 'map', result)
  }
}

function keyName(key: unknown): string {
  if (typeof key === 'object' && key !== null && !(key instanceof PlainScalar))
    throw new TypeError('A key is no scalar.')
  return String(key)
}

const core = 'tag:yaml.org,2002:'

function tagged(tag: string | undefined, own: string, value: unknown): unknown {
  return tag === undefined || tag === '!' || tag === core + own ? value : new TaggedValue(tag, value)
}

function scalarValue(source: string, tag: string | undefined, plain: boolean): unknown {
  switch (tag) {
    case undefined:
      return plain ? resolvePlain(source) : source
    case '!':
    case `${core}str`:
      return source
    case `${core}binary`:
      return new Uint8Array(Buffer.from(source, 'base64'))
    case `${core}null`:
    case `${core}bool`:
    case `${core}int`:
    case `${core}float`:
      return resolvePlain(source)
    default:
      return new TaggedValue(tag, source)
  }
}
