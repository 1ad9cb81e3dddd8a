/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: services in Go
 * Impact: a suite that runs in seconds, anywhere
 */
import path from 'node:path'

import { describeServices } from '../../../packages/fixtures/test/require-service.ts'
import { languageTests, prepared } from '../harness/language-tests.ts'

const program = prepared(path.join(import.meta.dirname, 'prepare.sh'))
const list = 'select id::text as id, number, item, amount::float8 as amount, tags, at from orders order by item desc'

await describeServices({ postgres: 'local', redis: 'local' }, () => {
  languageTests({
    name: 'net/http with pgx and go-redis',
    missing: program.missing,
    command: [program.path],
    env: ({ postgres, redis, prices }) => ({ DATABASE_URL: postgres, REDIS_URL: redis, PRICES_API: prices }),
    async requests(send) {
      const { body: tea } = await send('POST', '/orders', { item: 'tea', amount: 4.5 })
      await send('POST', '/orders', { item: 'bread', amount: 3 })
      await send('GET', '/orders')
      await send('GET', `/orders/${tea.id}`)
      await send('GET', '/orders/00000000-0000-4000-8000-000000000000')
      await send('POST', '/orders', { item: 'tea', amount: 1 })
      await send('GET', '/count')
      await send('GET', '/last/tea')
      await send('GET', '/last/salt')
      await send('GET', '/price/tea')
      await send('GET', '/price/nothing')
      await send('GET', '/wrong')
    },
    changes: [
      { env: { LIST_SQL: list }, names: list },
      { env: { COUNT_KEY: 'others' }, names: 'get others' },
      { env: { PRICE_PATH: '/cost' }, names: '/cost/', tests: 2 },
    ],
  })
})
