import { expect, test } from 'vitest'

import { sessionCacheContract } from '../../test/contracts/session-cache.ts'
import { MemorySessionCache } from './memory-session-cache.ts'

sessionCacheContract('in this process', async (work) => {
  await using cache = new MemorySessionCache()
  await work(cache)
})

test('beyond its capacity the value that was set first is forgotten', async () => {
  await using cache = new MemorySessionCache({ capacity: 2 })
  for (const key of ['a', 'b', 'a', 'c']) await cache.set(key, key, 60)
  expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)))).toEqual(['a', undefined, 'c'])
})
