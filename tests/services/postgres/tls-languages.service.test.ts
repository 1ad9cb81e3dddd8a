/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: TLS to Postgres and Redis from several languages
 * Impact: a suite that runs in seconds, anywhere
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { describe } from 'vitest'

import { describeServices } from '../../../packages/fixtures/test/require-service.ts'
import { languageTests, prepared, type RealDependencies } from '../harness/language-tests.ts'
import { POSTGRES_ACCOUNT, startSecureMysql, startSecurePostgres, startSecureRedis } from '../harness/secure-servers.ts'

const PASSWORD = 'a secret of Redis 1969'
const descending = 'select * from orders order by item desc'

/** Postgres and Redis that demand TLS, each with an authority of its own. */
async function startSecure(withMysql = false): Promise<RealDependencies> {
  const postgres = await startSecurePostgres()
  const stopAll = [postgres.stop]
  try {
    const mysql = withMysql ? await startSecureMysql() : undefined
    if (mysql !== undefined) stopAll.push(mysql.stop)
    const redis = await startSecureRedis(PASSWORD)
    stopAll.push(redis.stop)
    const both = path.join(path.dirname(redis.ca), 'both.pem')
    await writeFile(both, (await readFile(postgres.ca, 'utf8')) + (await readFile(redis.ca, 'utf8')))
    const { user, password } = POSTGRES_ACCOUNT
    return {
      postgres: `postgresql://${user}:${password}@127.0.0.1:${postgres.port}/${user}?sslmode=verify-full&sslrootcert=${postgres.ca}`,
      redis: `rediss://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redis.port}`,
      mysql: mysql?.url ?? '',
      prices: 'http://127.0.0.1:9',
      trust: { SSL_CERT_FILE: both },
      async [Symbol.asyncDispose]() {
        await Promise.all(stopAll.map((stop) => stop()))
      },
    }
  } catch (error) {
    await Promise.all(stopAll.map((stop) => stop()))
    throw error
  }
}

/** A URL as one of JDBC, which has the account among its parameters. */
function jdbc(scheme: string, url: string): string {
  const { username, password, host, pathname, searchParams } = new URL(url)
  const parameters = new URLSearchParams([...searchParams, ['user', username], ['password', password]])
  return `jdbc:${scheme}://${host}${pathname}?${parameters.toString()}`
}

const python = process.env['KEPLOY_TEST_PYTHON']
const program = prepared(path.join(import.meta.dirname, '../go/prepare.sh'))
const classes = prepared(path.join(import.meta.dirname, '../java/prepare.sh'))

await describeServices({ postgres: 'local', redis: 'local' }, () => {
  describe('Postgres and Redis that demand TLS', () => {
    languageTests({
      name: 'asyncpg, psycopg and redis-py',
      missing: python === undefined ? 'set KEPLOY_TEST_PYTHON by tests/services/python/prepare.sh' : undefined,
      command: [python ?? 'python3', path.join(import.meta.dirname, '../python/service.py')],
      start: () => startSecure(),
      env: ({ postgres, redis, prices }) => ({ DATABASE_URL: postgres, REDIS_URL: redis, PRICES_API: prices }),
      async requests(send) {
        for (const driver of ['asyncpg', 'psycopg']) {
          const { body: tea } = await send('POST', `/${driver}`, { item: `${driver} tea`, amount: 4.5 })
          await send('GET', `/${driver}`)
          await send('GET', `/${driver}/${tea.id}`)
          await send('GET', `/${driver}/wrong`)
        }
        await send('GET', '/count')
      },
      changes: [
        { env: { ASYNCPG_LIST: descending }, names: descending },
        { env: { PSYCOPG_LIST: descending }, names: descending },
      ],
    })
    languageTests({
      name: 'pgx and go-redis',
      missing: program.missing,
      command: [program.path],
      start: () => startSecure(),
      env: ({ postgres, redis, prices }) => ({ DATABASE_URL: postgres, REDIS_URL: redis, PRICES_API: prices }),
      async requests(send) {
        const { body: tea } = await send('POST', '/orders', { item: 'tea', amount: 4.5 })
        await send('GET', '/orders')
        await send('GET', `/orders/${tea.id}`)
        await send('GET', '/count')
        await send('GET', '/wrong')
      },
      changes: [{ env: { COUNT_KEY: 'others' }, names: 'get others' }],
    })
    languageTests({
      name: 'JDBC and Jedis',
      missing: classes.missing,
      command: ['java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classes.path, 'Service'],
      start: () => startSecure(true),
      env: ({ postgres, mysql, redis, prices }) => ({
        POSTGRES_JDBC: jdbc('postgresql', postgres),
        MARIADB_JDBC: `${jdbc('mariadb', mysql)}&sslMode=trust`,
        REDIS_URL: redis,
        PRICES_API: prices,
      }),
      async requests(send) {
        for (const database of ['postgres', 'mariadb']) {
          const { body: tea } = await send('POST', `/${database}`, { item: 'tea', amount: 4.5 })
          await send('GET', `/${database}`)
          await send('GET', `/${database}/${tea.id}`)
          await send('GET', `/${database}/wrong`)
        }
        await send('GET', '/count')
      },
      changes: [{ env: { POSTGRES_LIST: descending }, names: descending }],
    })
  })
})
