import type { TestCase } from '@keploy-framework/format'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { makeTest } from '../test/make-test.ts'
import { replay } from '../test/replay.ts'

type Kind = 'uuid' | 'objectid' | 'number' | 'code'

/** One thing that a run creates, reads, lists and removes. */
interface Thing {
  readonly kind: Kind
  readonly title: string
  readonly count: number
}

const hosts = { recorded: ['localhost:8000'], live: 'localhost:8000' }
const thing: fc.Arbitrary<Thing> = fc.record({
  kind: fc.constantFrom<Kind>('uuid', 'objectid', 'number', 'code'),
  title: fc.constantFrom('alpha', 'beta', 'active', '7', 'v1', 'x y'),
  count: fc.integer({ min: 0, max: 12 }),
})
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length })

/** Ids of one life of the service, all different, in the form that each kind has. */
function ids(things: readonly Thing[], seed: string, offset: number): string[] {
  return things.map(({ kind }, index) => {
    const tail = `${seed.slice(0, 10)}${(index + 16).toString(16)}`
    if (kind === 'uuid')
      return `a${seed.slice(0, 7)}-${seed.slice(0, 4)}-4${seed.slice(1, 4)}-8${seed.slice(2, 5)}-${tail}`
    if (kind === 'objectid') return `67a1b2c3${seed.slice(0, 10)}d${(index + 4096).toString(16)}0`
    return kind === 'number' ? String(offset + index) : `c${offset}Q${index}z${seed.slice(0, 3)}`
  })
}

/** The traffic of a run in which thing N has the id `names[N]`. */
function run(things: readonly Thing[], names: readonly string[]): TestCase[] {
  const plural = (kind: Kind): string => `${kind}s`
  const show = ({ kind, title, count }: Thing, index: number): unknown => {
    const name = names[index] as string
    return { id: kind === 'number' ? Number(name) : name, title, count, self: `/${plural(kind)}/${name}` }
  }
  const path = (item: Thing, index: number): string => `http://localhost:8000/${plural(item.kind)}/${names[index]}`
  return [
    ...things.map((item, index) =>
      makeTest({
        name: `create-${index}`,
        method: 'POST',
        url: `http://localhost:8000/${plural(item.kind)}`,
        body: JSON.stringify({ title: item.title, count: item.count }),
        status: 201,
        responseBody: show(item, index),
      }),
    ),
    ...things.map((item, index) =>
      makeTest({ name: `get-${index}`, url: path(item, index), responseBody: show(item, index) }),
    ),
    makeTest({
      name: 'list',
      url: 'http://localhost:8000/everything',
      responseBody: Object.fromEntries(
        (['uuid', 'objectid', 'number', 'code'] as const).map((kind) => [
          plural(kind),
          things.flatMap((item, index) => (item.kind === kind ? [show(item, index)] : [])),
        ]),
      ),
    }),
    ...things.map((item, index) =>
      makeTest({ name: `delete-${index}`, method: 'DELETE', url: path(item, index), status: 204 }),
    ),
  ]
}

const world = fc
  .record({
    things: fc.array(thing, { minLength: 1, maxLength: 6 }),
    a: hex(12),
    b: hex(12),
    offset: fc.integer({ min: 1, max: 40 }),
  })
  .filter(({ a, b }) => a.slice(0, 3) !== b.slice(0, 3))

function failing(recorded: readonly TestCase[], live: readonly TestCase[]): string[] {
  return replay(recorded, live, hosts).comparisons.flatMap(({ failures }) => failures.map(({ message }) => message))
}

test('a run in which every id is renamed consistently passes, and its requests carry the live ids', () => {
  fc.assert(
    fc.property(world, ({ things, a, b, offset }) => {
      const recorded = run(things, ids(things, a, 1))
      const live = run(things, ids(things, b, offset))
      const { comparisons, requests } = replay(recorded, live, hosts)
      expect(comparisons.flatMap(({ failures }) => failures.map(({ message }) => message))).toEqual([])
      expect(requests.map(({ url }) => url)).toEqual(live.map(({ request }) => request.url))
    }),
    { numRuns: 300 },
  )
})

test('a run in which one id is shown as another one’s fails', () => {
  fc.assert(
    fc.property(world, fc.nat(), ({ things, a, b, offset }, pick) => {
      fc.pre(things.length > 1)
      const recorded = run(things, ids(things, a, 1))
      const names = ids(things, b, offset)
      const live = run(things, names)
      const [first, second] = [pick % things.length, (pick + 1) % things.length] as [number, number]
      const swapped = run(things, names.with(first, names[second] as string))
      expect(
        failing(recorded, live.with(things.length + first, swapped[things.length + first] as TestCase)),
      ).not.toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('a run in which a thing changes its id between two reads fails', () => {
  fc.assert(
    fc.property(world, fc.nat(), ({ things, a, b, offset }, pick) => {
      const recorded = run(things, ids(things, a, 1))
      const live = run(things, ids(things, b, offset))
      const later = run(
        things,
        ids(things, b, offset + 100).map(
          (name) => name.replace(/[1-9](?=\D*$)/, '0') + (/^\d+$/.test(name) ? '9' : ''),
        ),
      )
      const index = things.length + (pick % things.length)
      fc.pre(JSON.stringify(later[index]?.response) !== JSON.stringify(live[index]?.response))
      expect(failing(recorded, live.with(index, later[index] as TestCase))).not.toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('nothing that is no id is bound by chance: any other change fails', () => {
  fc.assert(
    fc.property(world, fc.nat(), fc.boolean(), ({ things, a, b, offset }, pick, title) => {
      const recorded = run(things, ids(things, a, 1))
      const index = pick % things.length
      const item = things[index] as Thing
      const changed = things.with(index, title ? { ...item, title: 'gamma' } : { ...item, count: item.count + 1 })
      const messages = failing(recorded, run(changed, ids(things, b, offset)))
      expect(messages.length).toBeGreaterThanOrEqual(3)
      expect(messages.every((message) => message.includes(title ? 'title' : 'count'))).toBe(true)
    }),
    { numRuns: 300 },
  )
})
