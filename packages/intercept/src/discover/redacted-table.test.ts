import { expect, test } from 'vitest'

import { planRelays } from './plan-relays.ts'
import { redactedTable } from './redacted-table.ts'

const address = { host: '127.0.0.1', port: 41_873 }

test('shows where each setting led and leads now, aligned and without credentials', () => {
  const { relays } = planRelays({
    env: { DATABASE_URL: 'postgres://app:hunter2@db/shop', REDIS_HOST: 'cache', KAFKA_BROKERS: 'k1:1,k2:2' },
  })
  const lines = redactedTable(relays, [[address], [address], [address, address]])
  expect(lines).toEqual([
    'DATABASE_URL   postgres db:5432 → 127.0.0.1:41873',
    'REDIS_HOST     redis cache:6379 → 127.0.0.1:41873',
    'KAFKA_BROKERS  kafka k1:1,k2:2  → 127.0.0.1:41873 +1',
  ])
  expect(lines.join('\n')).not.toContain('hunter2')
})

test('fits 80 columns, and writes control characters out', () => {
  const [relay] = planRelays({ env: { ['A'.repeat(60)]: `redis://${'long'.repeat(40)}` } }).relays
  if (relay === undefined) throw new Error('no relay')
  const lines = redactedTable([relay, { ...relay, source: 'X\u001b[31m\u202e' }], [[address], [address]])
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  expect(lines[1]).toContain(String.raw`X\u001b[31m\u202e`)
})
