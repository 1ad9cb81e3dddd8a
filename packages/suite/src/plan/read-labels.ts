import { CATEGORIES } from '../model.ts'
import type { Category, ProjectKind } from '../model.ts'

/** What a file says of itself. */
export interface Labels {
  readonly categories: readonly Category[]
  readonly markers: readonly string[]
}

const WORDS = new Map<string, Category>([
  ...CATEGORIES.map((category) => [category, category] as const),
  ['mission-critical', 'mission_critical'],
  ['critical', 'mission_critical'],
  ['perf', 'performance'],
  ['end-to-end', 'e2e'],
])

/** Markers of pytest that say how a test runs, not what it is about. */
const OWN_OF_PYTEST = new Set(['parametrize', 'skip', 'skipif', 'xfail', 'usefixtures', 'filterwarnings', 'asyncio'])

/**
 * The categories and markers that a test file carries: a folder (`tests/integration/`), a part of its name
 * (`cart.e2e.test.ts`), a comment (`@category unit`, `@marker redis, slow`), or a marker of pytest.
 *
 * @example
 * readLabels('tests/unit/cart.test.ts', '// @marker redis', 'vitest') // { categories: ['unit'], markers: ['redis'] }
 */
export function readLabels(path: string, text: string, kind: ProjectKind): Labels {
  const categories = new Set<Category>()
  const markers = new Set<string>()
  const add = (word: string): void => {
    const category = WORDS.get(word)
    if (category) categories.add(category)
    else markers.add(word)
  }
  // What the file says inside counts before where it lies.
  for (const [, words] of text.matchAll(/^[ \t]*(?:\/\/|\/?\*+|#)[ \t]*@category[ \t]+([\w-]+)/gm)) {
    const category = WORDS.get(words ?? '')
    if (category) categories.add(category)
  }
  for (const [, words] of text.matchAll(/^[ \t]*(?:\/\/|\/?\*+|#)[ \t]*@markers?[ \t]+([\w.:, -]+)/gm)) {
    for (const word of (words ?? '').split(/[\s,]+/)) if (/^[\w.:-]+$/.test(word)) markers.add(word)
  }
  if (kind === 'pytest') {
    for (const [, word] of text.matchAll(/^[^#\n]*?\bpytest\.mark\.(\w+)/gm)) {
      if (word !== undefined && !OWN_OF_PYTEST.has(word)) add(word)
    }
  }
  if (categories.size === 0) for (const category of categoriesOfPath(path)) categories.add(category)
  return { categories: [...categories], markers: [...markers] }
}

function categoriesOfPath(path: string): Set<Category> {
  const steps = path.split('/')
  const name = steps.pop() ?? ''
  const found = new Set<Category>()
  // Only parts between dots: `unit.test.ts` may well be a test of units, `cart.unit.test.ts` is a unit test.
  for (const word of name.split('.').slice(1, -1)) addWord(found, word)
  if (found.size > 0) return found
  // Of nested folders the inner one says more: `integration/unit/a.test.ts` is a unit test.
  for (const step of steps.toReversed()) {
    addWord(found, step.replace(/[-_]?tests?$/, '') || step)
    if (found.size > 0) return found
  }
  return found
}

function addWord(found: Set<Category>, word: string): void {
  const category = WORDS.get(word.toLowerCase())
  if (category) found.add(category)
}
