import { expect, test } from 'vitest'

import type { UiStateKey, UiStateStore } from '../../src/ui-state/ui-state-store.ts'
import { stateOfUpdate } from '../../src/ui-state/ui-state-update.ts'
import { emptyUiState, mergeUiStates, valuesOf, type UiState } from '../../src/ui-state/ui-state.ts'

export const keyOf = (session_id: string, id = 'ada', tenant = 'clinic'): UiStateKey => ({
  session_id,
  user: { tenant, id },
})
export const update = (at: number, state: Record<string, unknown>): UiState =>
  stateOfUpdate({ mode: 'update', state }, at)
export const full = (at: number, state: Record<string, unknown>): UiState => stateOfUpdate({ mode: 'full', state }, at)

/** What every store of states does; `use` lends an empty one, whose states last `ttlMs` after their last change. */
export function uiStateContract(
  name: string,
  use: (ttlMs: number | undefined, work: (store: UiStateStore) => Promise<void>) => Promise<void>,
): void {
  const key = keyOf('s1')
  const now = Date.now()
  const contract = (what: string, work: (store: UiStateStore) => Promise<void>, ttlMs?: number) => {
    test(`UI state, ${name}: ${what}`, () => expect(use(ttlMs, work)).resolves.toBeUndefined(), 60_000)
  }

  contract('a state is there as it was set, and nothing where none was set', async (store) => {
    await expect(store.read(key)).resolves.toEqual(emptyUiState)
    const state = { loadedSessions: [{ id: 's1', name: 'Zoë 🎲 "a:b"\n' }], nested: { a: [null, 1.5, false] }, '': '' }
    await expect(store.merge(key, full(now, state))).resolves.toEqual(full(now, state))
    await expect(store.read(key)).resolves.toEqual(full(now, state))
  })

  contract('it answers', (store) => expect(store.ping()).resolves.toBeUndefined())

  contract('updates lead to the same state in every order, as `mergeUiStates` says', async (store) => {
    const changes = [
      update(now - 9, { page_type: 'clients', theme: 'dark', old: 1 }),
      full(now - 5, { page_type: 'sessions', loadedSessions: ['s1'] }),
      update(now - 5, { page_type: 'same moment', tie: 'é' }),
      update(now - 5, { tie: 'z' }),
      update(now - 5, { tie: 'zz' }),
      update(now - 1, { page_type: 'documents', loadedSessions: null }),
    ]
    const expected = changes.reduce(mergeUiStates, emptyUiState)
    const orders = [changes, changes.toReversed(), [...changes.slice(3), ...changes.slice(0, 3)]]
    for (const [index, order] of orders.entries()) {
      const own = keyOf(`order-${index}`)
      for (const change of order) await store.merge(own, change)
      await expect(store.read(own)).resolves.toEqual(expected)
    }
    expect(valuesOf(expected)).toEqual({ page_type: 'documents', tie: 'é' })
  })

  contract('of many who change it at once, nobody overwrites another', async (store) => {
    const states = Array.from({ length: 50 }, (_, number) =>
      update(now - 50 + number, { [`f${number}`]: number, last: number }),
    )
    await Promise.all(states.map((state) => store.merge(key, state)))
    const { fields } = await store.read(key)
    expect(Object.keys(fields)).toHaveLength(51)
    expect(fields['last']?.value).toBe(49)
  })

  contract('sessions, users and tenants have states of their own, whatever they are called', async (store) => {
    const keys = [
      keyOf('s'),
      keyOf('s', 'zoe'),
      keyOf('s', 'ada', 'rival'),
      keyOf('ada:s', 'clinic', ''),
      keyOf('s', 'clinic:ada', ''),
      keyOf('s', 'ada:s', 'clinic:ada'),
    ]
    for (const [index, own] of keys.entries()) await store.merge(own, update(now, { index }))
    for (const [index, own] of keys.entries()) {
      expect(valuesOf(await store.read(own))).toEqual({ index })
    }
  })

  contract(
    'a state is forgotten when its time after the last change is over, and one of long ago at once',
    async (store) => {
      await store.merge(key, update(Date.now(), { a: 1 }))
      await store.merge(keyOf('long ago'), update(Date.now() - 60_000, { a: 1 }))
      await expect(store.read(keyOf('long ago'))).resolves.toEqual(emptyUiState)
      await expect.poll(() => store.read(key), { timeout: 30_000 }).toEqual(emptyUiState)
    },
    1_500,
  )

  contract('without another wish that is 24 hours', async (store) => {
    const day = 24 * 60 * 60 * 1000
    await store.merge(key, update(Date.now() - day + 60_000, { a: 1 }))
    await store.merge(keyOf('over'), update(Date.now() - day - 1, { a: 1 }))
    expect(valuesOf(await store.read(key))).toEqual({ a: 1 })
    await expect(store.read(keyOf('over'))).resolves.toEqual(emptyUiState)
  })
}
