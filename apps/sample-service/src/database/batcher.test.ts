import { expect, test } from 'vitest'

import { Batcher } from './batcher.ts'

/** Doubles numbers, and remembers which it was given together. */
function doubling(options: { limit?: number; failsAll?: (error: unknown) => boolean } = {}) {
  const batches: number[][] = []
  const batcher = new Batcher<number, number>(async (items) => {
    batches.push([...items])
    if (items.includes(13)) throw new Error('unlucky')
    return items.map((item) => 2 * item)
  }, options)
  return { batcher, batches }
}

test('what is asked for at once is done at once, and each gets its own result', async () => {
  const { batcher, batches } = doubling()
  await expect(Promise.all([1, 2, 3].map((item) => batcher.add(item)))).resolves.toEqual([2, 4, 6])
  expect(batches).toEqual([[1, 2, 3]])
})

test('what comes while a batch is under way goes with the next one', async () => {
  const gates: (() => void)[] = []
  const batches: string[][] = []
  const batcher = new Batcher<string, string>(async (items) => {
    batches.push([...items])
    await new Promise<void>((resolve) => gates.push(resolve))
    return items
  })
  const first = batcher.add('a')
  await expect.poll(() => gates.length).toBe(1)
  const later = [batcher.add('b'), batcher.add('c')]
  gates[0]!()
  await expect(first).resolves.toBe('a')
  await expect.poll(() => gates.length).toBe(2)
  gates[1]!()
  await expect(Promise.all(later)).resolves.toEqual(['b', 'c'])
  expect(batches).toEqual([['a'], ['b', 'c']])
})

test('a batch takes no more than its limit', async () => {
  const { batcher, batches } = doubling({ limit: 2 })
  await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)))
  expect(batches).toEqual([[1, 2], [3, 4], [5]])
})

test('nothing is left behind that is asked for right when a batch has ended', async () => {
  const { batcher } = doubling()
  let last = 0
  for (let turn = 0; turn < 1_000; turn += 1) {
    last = await batcher.add(turn + 14)
    // At a different distance from the end each time.
    for (let wait = turn % 7; wait > 0; wait -= 1) await Promise.resolve()
  }
  expect(last).toBe(2_026)
})

test('of a batch that fails only the item that spoils it fails', async () => {
  const { batcher, batches } = doubling()
  const results = await Promise.allSettled([1, 13, 2].map((item) => batcher.add(item)))
  expect(results).toEqual([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: new Error('unlucky') },
    { status: 'fulfilled', value: 4 },
  ])
  expect(batches).toEqual([[1, 13, 2], [1], [13], [2]])
})

test('a failure that speaks of no item fails all, without trying them one by one', async () => {
  const { batcher, batches } = doubling({ failsAll: () => true })
  const results = await Promise.allSettled([1, 13, 2].map((item) => batcher.add(item)))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(batches).toEqual([[1, 13, 2]])
})

test('closing waits for what is under way', async () => {
  const { batcher, batches } = doubling()
  const added = batcher.add(4)
  await batcher[Symbol.asyncDispose]()
  expect(batches).toEqual([[4]])
  await expect(added).resolves.toBe(8)
})
