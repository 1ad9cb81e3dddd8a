import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'

/** Longer texts are compared as they are. */
const LONGEST = 1_048_576
const ITEM = /"((?:[^"\\]|\\[\s\S])*)"|NULL/y

/**
 * What of a statement has to be equal: the text as it is (blanks may stand in literals, and comments may carry hints), and
 * the parameters. A list of quoted texts is taken for its items, so that JSON in them is seen for what it is.
 */
export function matchKey(request: Value): Value {
  if (!isTree(request) || !Array.isArray(request['params'])) return request
  const params = request['params'] as readonly Value[]
  const items = params.map((param) => (typeof param === 'string' ? (quotedItems(param) ?? param) : param))
  return items.every((item, index) => item === params[index]) ? request : { ...request, params: items }
}

/** The items of `{"a","b",NULL}`; nothing for any other text. */
function quotedItems(text: string): readonly (string | null)[] | undefined {
  if (!text.startsWith('{"') || !text.endsWith('}') || text.length > LONGEST) return undefined
  const items: (string | null)[] = []
  let at = 1
  for (;;) {
    ITEM.lastIndex = at
    const found = ITEM.exec(text)
    if (found === null) return undefined
    const [whole, item] = found
    items.push(item === undefined ? null : item.replaceAll(/\\([\s\S])/g, '$1'))
    at += whole.length
    if (at === text.length - 1) return items
    if (text[at] !== ',') return undefined
    at += 1
  }
}
