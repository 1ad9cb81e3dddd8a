import { describe, expect, it } from 'vitest'

import { httpTest, testSet } from '../testing/http-test.ts'
import { planRun, type Plan, type Producers } from './plan-run.ts'
import { sourceOf } from './set-source.ts'

const sources = [
  sourceOf(
    testSet([
      httpTest('post-users-1', { annotations: { tags: ['write'] } }),
      httpTest('get-users-1'),
      httpTest('get-users-2', { annotations: { tags: ['slow', 'read'] } }),
    ]),
  ),
  sourceOf(testSet([httpTest('get-users-1'), httpTest('.hidden')], { name: 'other' })),
]

const names = (plan: Plan): string[] =>
  plan.sets.flatMap(({ source, tests }) =>
    tests.map((test) => `${source.name}/${test.name}${test.role === 'producer' ? ' (producer)' : ''}`),
  )

describe('planRun', () => {
  it('takes everything in recorded order when nothing is selected', () => {
    expect(names(planRun(sources))).toEqual([
      'test-set-0/post-users-1',
      'test-set-0/get-users-1',
      'test-set-0/get-users-2',
      'other/get-users-1',
      'other/.hidden',
    ])
  })

  it('selects sets and tests by glob, and one test of one set by both names', () => {
    expect(names(planRun(sources, { testSets: ['test-*'], tests: ['get-*'] }))).toEqual([
      'test-set-0/get-users-1',
      'test-set-0/get-users-2',
    ])
    expect(names(planRun(sources, { tests: ['other/get-users-1'] }))).toEqual(['other/get-users-1'])
    expect(planRun(sources, { tests: ['nothing'] })).toEqual({ sets: [], total: 0 })
  })

  it('selects by tag', () => {
    expect(names(planRun(sources, { tags: ['read', 'write'] }))).toEqual([
      'test-set-0/post-users-1',
      'test-set-0/get-users-2',
    ])
  })

  it('honours the selected and the ignored tests of the configuration', () => {
    expect(names(planRun(sources, { selected: { other: [] } }))).toEqual(['other/get-users-1', 'other/.hidden'])
    expect(names(planRun(sources, { selected: { 'test-set-0': ['post-users-1'] } }))).toEqual([
      'test-set-0/post-users-1',
    ])
    expect(names(planRun(sources, { ignored: { other: [], 'test-set-0': ['get-users-?'] } }))).toEqual([
      'test-set-0/post-users-1',
    ])
    expect(names(planRun(sources, { selected: JSON.parse('{"__proto__":[]}') as Record<string, string[]> }))).toEqual(
      [],
    )
  })

  it('pulls in producers, and theirs, but none for a skipped test', () => {
    const producers: Producers = (set, test) =>
      set === 'test-set-0' && test === 'get-users-2' ? ['get-users-1'] : test === 'get-users-1' ? ['post-users-1'] : []
    expect(names(planRun(sources, { tests: ['test-set-0/get-users-2'] }, producers))).toEqual([
      'test-set-0/post-users-1 (producer)',
      'test-set-0/get-users-1 (producer)',
      'test-set-0/get-users-2',
    ])
    const skipped = [sourceOf(testSet([httpTest('a'), httpTest('b', { annotations: { skip: true } })]))]
    expect(names(planRun(skipped, { tests: ['b'] }, () => ['a']))).toEqual(['test-set-0/b'])
  })

  it('refuses a pattern that is no glob', () => {
    expect(() => planRun(sources, { tests: ['x'.repeat(70_000)] })).toThrow(/can't be read as a glob/)
  })

  it('runs only the tests marked as only, in every set', () => {
    const marked = [sourceOf(testSet([httpTest('a'), httpTest('b', { annotations: { only: true } })])), ...sources]
    expect(names(planRun(marked))).toEqual(['test-set-0/b'])
  })
})
