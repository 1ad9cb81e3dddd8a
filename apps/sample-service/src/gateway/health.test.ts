import { expect, test } from 'vitest'

import { overall, probe } from './health.ts'

const up = { status: 'up', kind: 'x', latency_ms: 1 } as const
const down = { status: 'down', kind: 'x', latency_ms: 1 } as const

test('only the database decides whether messages are taken', () => {
  expect(overall(up, [up, up])).toBe('healthy')
  expect(overall(up, [down, up])).toBe('degraded')
  expect(overall(down, [up, up])).toBe('unhealthy')
})

test('a dependency that fails, and one that never answers, are down', async () => {
  const failing = probe({ kind: 'Redis', ping: () => Promise.reject(new Error('away')) })
  const silent = probe({ kind: 'Kafka', ping: () => new Promise(() => {}) })
  expect(await Promise.all([failing, silent])).toMatchObject([
    { kind: 'Redis', status: 'down' },
    { kind: 'Kafka', status: 'down' },
  ])
})
