import { expect, it } from 'vitest'

import { httpTest } from '../testing/http-test.ts'
import { TestLibrary } from './test-library.ts'

it('reads a test once while its set runs, and again when the set was released', async () => {
  const tests = [httpTest('a'), httpTest('b')]
  const reads: number[] = []
  const library = new TestLibrary({
    name: 'set',
    directory: 'set',
    tests: tests.map(({ name, file }) => ({ name, file, tags: [], skip: false, only: false })),
    secrets: [],
    secretValues: {},
    scripts: {},
    templates: {},
    read: async (index) => {
      reads.push(index)
      const test = tests[index]
      return test === undefined ? { issues: [] } : { test, issues: [] }
    },
  })
  expect([...(await library.know()).positions]).toEqual([
    ['a', 0],
    ['b', 1],
  ])
  expect(library.cached(0)?.test).toBe(tests[0])
  await library.read(1)
  expect(reads).toEqual([0, 1])
  library.release()
  expect(library.cached(0)).toBeUndefined()
  await library.know()
  expect(reads).toEqual([0, 1, 0, 1])
})
