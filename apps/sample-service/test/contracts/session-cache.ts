import { expect, test } from 'vitest'

import type { SessionCache } from '../../src/cache/session-cache.ts'

/** What every cache does; `use` lends one to a test. */
export function sessionCacheContract(
  name: string,
  use: (work: (cache: SessionCache) => Promise<void>) => Promise<void>,
): void {
  test(`${name}: what was set is got, with unicode, nesting and null`, () =>
    use(async (cache) => {
      const value = { text: 'Zoë 🎲', nested: [{ nothing: null }], no: false }
      await cache.set('session:1', value, 60)
      await expect(cache.get('session:1')).resolves.toEqual(value)
      await cache.set('session:1', null, 60)
      await expect(cache.get('session:1')).resolves.toBeNull()
    }))

  test(`${name}: what was never set is undefined`, () =>
    use(async (cache) => {
      await expect(cache.get('session:unknown')).resolves.toBeUndefined()
    }))

  test(`${name}: a value is forgotten when its time is over`, () =>
    use(async (cache) => {
      await cache.set('short', 1, 0.05)
      await cache.set('long', 2, 60)
      await expect.poll(() => cache.get('short'), { timeout: 10_000 }).toBeUndefined()
      await expect(cache.get('long')).resolves.toBe(2)
    }))

  test(`${name}: it answers`, () => use((cache) => expect(cache.ping()).resolves.toBeUndefined()))
}
