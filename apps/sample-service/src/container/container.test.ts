import { expect, test } from 'vitest'

import { createContainer } from './container.ts'

const part = (name: string, closed: string[]): AsyncDisposable => ({
  async [Symbol.asyncDispose]() {
    closed.push(name)
  },
})

test('parts are made when asked for, once, and closed in reverse order', async () => {
  const closed: string[] = []
  let made = 0
  const container = createContainer<{ low: AsyncDisposable; high: AsyncDisposable; unused: AsyncDisposable }>({
    low: () => {
      made += 1
      return part('low', closed)
    },
    high: async (parts) => {
      await parts.get('low')
      return part('high', closed)
    },
    unused: () => part('unused', closed),
  })
  await Promise.all([container.get('high'), container.get('low')])
  await container[Symbol.asyncDispose]()
  await container[Symbol.asyncDispose]()
  expect([made, closed]).toEqual([1, ['high', 'low']])
  await expect(container.get('unused')).rejects.toThrow('unused was asked for after the container was closed.')
})

test('a part that cannot be closed does not keep others open', async () => {
  const closed: string[] = []
  const container = createContainer<{ low: AsyncDisposable; high: AsyncDisposable }>({
    low: () => part('low', closed),
    high: () => ({ [Symbol.asyncDispose]: () => Promise.reject(new Error('stuck')) }),
  })
  await container.get('low')
  await container.get('high')
  await expect(container[Symbol.asyncDispose]()).rejects.toThrow('Some parts could not be closed.')
  expect(closed).toEqual(['low'])
})

test('several parts are picked by their names, each made once', async () => {
  let made = 0
  const container = createContainer<{ port: number; url: string; unused: string }>({
    port: () => {
      made += 1
      return 8010
    },
    url: async (parts) => `http://127.0.0.1:${await parts.get('port')}`,
    unused: () => expect.fail('made, though nobody picked it'),
  })
  await expect(container.pick('url', 'port')).resolves.toEqual({ url: 'http://127.0.0.1:8010', port: 8010 })
  expect(made).toBe(1)
})
