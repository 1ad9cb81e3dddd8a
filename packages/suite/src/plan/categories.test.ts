import { expect, it } from 'vitest'

import { project } from '../testing/samples.ts'
import { categorize } from './categorize.ts'
import { readLabels } from './read-labels.ts'

it.each([
  ['tests/unit/a.test.ts', '', ['unit']],
  ['tests/e2e-tests/a.test.ts', '', ['e2e']],
  ['integration/unit/a.test.ts', '', ['unit']],
  ['integration/a.e2e.test.ts', '', ['e2e']],
  ['src/unit.test.ts', '', []],
  ['src/a.test.ts', '', []],
  ['unit/a.test.ts', '/** @category mission_critical */', ['mission_critical']],
  ['a.test.ts', '/*\n * @category unit\n */\n// @category e2e', ['unit', 'e2e']],
  ['a.test.ts', "const text = '@category unit'", []],
])('%s with %j is in %j', (path, text, categories) => {
  expect(readLabels(path, text, 'vitest').categories).toEqual(categories)
})

it('reads markers of comments and of pytest', () => {
  expect(readLabels('a.test.ts', '// @marker redis, slow\n// @markers neo4j', 'vitest').markers).toEqual([
    'redis',
    'slow',
    'neo4j',
  ])
  const python = '@pytest.mark.unit\n@pytest.mark.skipif(True)\n# pytest.mark.e2e\npytestmark = [pytest.mark.redis]\n'
  expect(readLabels('test_a.py', python, 'pytest')).toEqual({ categories: ['unit'], markers: ['redis'] })
})

const file = (shown: string, text: string, of = project()) => ({
  project: of,
  path: shown,
  shown,
  labels: readLabels(shown, text, 'vitest'),
})

it('names every file that is in no category, or in two', () => {
  const files = [
    file('a.test.ts', ''),
    file('unit/b.test.ts', '', project({ category: 'e2e' })),
    file('unit/c.test.ts', ''),
  ]
  expect(() => categorize(files)).toThrow(
    /a\.test\.ts is in no category\nunit\/b\.test\.ts is in unit and e2e\n(?!.*c\.test)/,
  )
})

it('refuses a file in two projects, which would run twice', () => {
  const files = [file('unit/a.test.ts', ''), file('unit/a.test.ts', '', project({ name: 'q' }))]
  expect(() => categorize(files)).toThrow('unit/a.test.ts is in the projects p and q')
})

it('takes the category of the project, or of found projects where a file says none', () => {
  expect(categorize([file('a.test.ts', '', project({ category: 'e2e' }))])[0]?.category).toBe('e2e')
  const found = project({ fallbackCategory: 'unit' })
  expect(
    categorize([file('a.test.ts', '', found), file('e2e/a.test.ts', '', found)]).map((each) => each.category),
  ).toEqual(['unit', 'e2e'])
})

it('takes as mission-critical what its category, its project or no_skip says', () => {
  const files = [
    file('mission-critical/a.test.ts', ''),
    file('unit/b.test.ts', '', project({ name: 'q', critical: true })),
    file('unit/c.test.ts', '// @marker no_skip'),
    file('unit/d.test.ts', ''),
  ]
  expect(categorize(files).map(({ critical }) => critical)).toEqual([true, true, true, false])
})
