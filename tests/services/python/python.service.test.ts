/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: services in Python
 * Impact: a suite that runs in seconds, anywhere
 */
import { spawnSync } from 'node:child_process'
import path from 'node:path'

import { describeServices } from '../../../packages/fixtures/test/require-service.ts'
import { languageTests } from '../harness/language-tests.ts'

/** The Python that prepare.sh makes. */
const python = process.env['KEPLOY_TEST_PYTHON'] ?? 'python3'
const packages = 'fastapi, uvicorn, asyncpg, psycopg, redis, httpx, h2, requests'
const works = spawnSync(python, ['-c', `import ${packages}`]).status === 0

const descending = 'select * from orders order by item desc'

await describeServices({ postgres: 'local', redis: 'local' }, () => {
  languageTests({
    name: 'FastAPI with asyncpg, psycopg, redis-py, httpx and requests',
    missing: works
      ? undefined
      : `${python} lacks one of ${packages}; set KEPLOY_TEST_PYTHON by tests/services/python/prepare.sh`,
    command: [python, path.join(import.meta.dirname, 'service.py')],
    env: ({ postgres, redis, prices }) => ({ DATABASE_URL: postgres, REDIS_URL: redis, PRICES_API: prices }),
    async requests(send) {
      for (const driver of ['asyncpg', 'psycopg']) {
        const { body: tea } = await send('POST', `/${driver}`, { item: `${driver} tea`, amount: 4.5 })
        await send('POST', `/${driver}`, { item: `${driver} bread`, amount: 3 })
        await send('GET', `/${driver}`)
        await send('GET', `/${driver}/${tea.id}`)
        await send('GET', `/${driver}/00000000-0000-4000-8000-000000000000`)
        await send('POST', `/${driver}`, { item: `${driver} tea`, amount: 1 })
        await send('GET', `/${driver}/wrong`)
      }
      await send('GET', '/count')
      await send('GET', '/last/asyncpg%20tea')
      for (const client of ['httpx', 'requests']) {
        await send('GET', `/${client}/tea`)
        await send('GET', `/${client}/nothing`)
      }
    },
    changes: [
      { env: { ASYNCPG_LIST: descending }, names: descending },
      { env: { PSYCOPG_LIST: descending }, names: descending },
      { env: { COUNT_KEY: 'others' }, names: 'GET others' },
      { env: { HTTPX_PATH: '/cost' }, names: '/cost/', tests: 2 },
      { env: { REQUESTS_PATH: '/cost' }, names: '/cost/', tests: 2 },
    ],
  })
})
