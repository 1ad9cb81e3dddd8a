import { planBindings } from '@keploy-framework/match'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../test/make-test.ts'
import { replay } from '../test/replay.ts'
import { nineTests } from '../test/sessions-service.ts'
import type { Life } from '../test/sessions-service.ts'

function life(seed: number, changes: Partial<Life> = {}): Life {
  let count = 0
  let now = Date.UTC(2025, 9, 28, 14) + seed * 86_400_000
  return {
    host: seed === 0 ? 'localhost:8000' : '127.0.0.1:9001',
    nextId: () => `${String(seed + 1).repeat(8)}-1111-4222-8333-${String(++count).padStart(11, 'a')}c`,
    clock: () => (now += 7),
    ...changes,
  }
}

function failing(changes: Partial<Life>): string[] {
  const recorded = nineTests(life(0))
  const { comparisons } = replay(recorded, nineTests(life(1, changes)))
  return recorded.filter((_, index) => comparisons[index]?.passed === false).map(({ name }) => name)
}

describe('the nine requests of the sessions API', () => {
  test('pass against a fresh service with other ids, times and address', () => {
    const recorded = nineTests(life(0))
    const { comparisons } = replay(recorded, nineTests(life(1)))
    expect(comparisons.flatMap(({ failures }) => failures.map(({ message }) => message))).toEqual([])
    expect(comparisons[2]?.bound.map(({ form, where }) => `${form} ${where}`)).toEqual([
      'uuid post-sessions-1 body.id',
      'iso-date post-sessions-1 body.created_at',
    ])
  })

  test('send the live id where the recorded one stood', () => {
    const { requests } = replay(nineTests(life(0)), nineTests(life(1)))
    expect(requests[6]?.url).toBe('http://localhost:8000/api/v1/sessions/22222222-1111-4222-8333-aaaaaaaaaa1c')
  })

  test('pull in what a selected test needs', () => {
    const plan = planBindings(nineTests(life(0)))
    expect(plan.producersOf('get-sessions-by-id-1')).toEqual(['post-sessions-1'])
    expect(plan.producersOf('delete-sessions-by-id-1')).toEqual(['post-sessions-1'])
    expect(plan.producersOf('get-sessions-invalid-1')).toEqual([])
  })

  test.each([
    ['delete-fails', ['delete-sessions-by-id-1']],
    ['wrong-id-in-body', ['get-sessions-by-id-1']],
    ['wrong-id-in-location', ['post-sessions-1', 'post-sessions-2']],
    ['stale-list', ['get-sessions-1']],
    ['wrong-created-at', ['get-sessions-by-id-1']],
  ] as const)('fail where the service is wrong: %s', (fault, names) => {
    expect(failing({ fault })).toEqual(names)
  })

  test('fail in each place where an id is not renamed consistently', () => {
    expect(failing({ nextId: () => 'not-a-uuid' })).toContain('post-sessions-1')
  })
})

test('a Location that still shows the recorded number fails when the body shows another', () => {
  const create = (id: number, location: number): ReturnType<typeof makeTest> =>
    makeTest({
      name: 'create',
      method: 'POST',
      url: 'http://localhost:8000/users',
      status: 201,
      responseHeaders: [
        ['Content-Type', 'application/json'],
        ['Location', `/users/${location}`],
      ],
      responseBody: { id },
    })
  const passed = (live: ReturnType<typeof makeTest>): boolean | undefined =>
    replay([create(7, 7)], [live]).comparisons[0]?.passed
  expect(passed(create(9, 9))).toBe(true)
  expect(passed(create(9, 7))).toBe(false)
  expect(passed(create(7, 9))).toBe(false)
})
