import { expect, test } from 'vitest'

import { keyOf, uiStateContract, update } from '../../test/contracts/ui-state.ts'
import { MemoryUiStateStore } from './memory-ui-state-store.ts'
import { emptyUiState } from './ui-state.ts'

uiStateContract('in this process', async (ttlMs, work) => {
  const store = new MemoryUiStateStore(ttlMs === undefined ? {} : { ttlMs })
  await work(store)
  await store[Symbol.asyncDispose]()
})

test('UI state: beyond its capacity the state that was changed longest ago is forgotten', async () => {
  const store = new MemoryUiStateStore({ capacity: 2, now: () => 1_000 })
  for (const session of ['a', 'b', 'a', 'c']) await store.merge(keyOf(session), update(1_000, { session }))
  const known = await Promise.all(
    ['a', 'b', 'c'].map(async (session) => (await store.read(keyOf(session))) !== emptyUiState),
  )
  expect(known).toEqual([true, false, true])
  expect([...store.keys()].map(({ session_id }) => session_id)).toEqual(['a', 'c'])
})

test('UI state: states that are larger together than there is room for make the oldest be forgotten', async () => {
  const store = new MemoryUiStateStore({ capacityBytes: 25_000, now: () => 1_000 })
  const large = (session: string) => store.merge(keyOf(session), update(1_000, { [session]: 'x'.repeat(10_000) }))
  // Changing one again takes no more room.
  for (const session of ['a', 'b', 'b', 'b', 'c']) await large(session)
  expect([...store.keys()].map(({ session_id }) => session_id)).toEqual(['b', 'c'])
})
