/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: services in Java
 * Impact: a suite that runs in seconds, anywhere
 */
import path from 'node:path'

import { describeServices } from '../../../packages/fixtures/test/require-service.ts'
import { languageTests, prepared } from '../harness/language-tests.ts'

const classes = prepared(path.join(import.meta.dirname, 'prepare.sh'))

/** The URL of a fixture as one of JDBC, which has the account among its parameters. */
function jdbc(scheme: string, url: string): string {
  const { username, password, host, pathname } = new URL(url)
  return `jdbc:${scheme}://${host}${pathname}?user=${username}&password=${password}`
}

const descending = 'select * from orders order by item desc'

await describeServices({ postgres: 'local', redis: 'local', mysql: 'local' }, () => {
  languageTests({
    name: 'HttpServer with JDBC for Postgres and MariaDB, HikariCP, Jedis and HttpClient',
    missing: classes.missing,
    command: ['java', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', classes.path, 'Service'],
    withMysql: true,
    env: ({ postgres, mysql, redis, prices }) => ({
      POSTGRES_JDBC: jdbc('postgresql', postgres),
      // Version 4 of this driver refuses servers without TLS, such as this one, unless told otherwise.
      MARIADB_JDBC: `${jdbc('mariadb', mysql)}&sslMode=disable`,
      REDIS_URL: redis,
      PRICES_API: prices,
    }),
    async requests(send) {
      for (const database of ['postgres', 'mariadb']) {
        const { body: tea } = await send('POST', `/${database}`, { item: `${database} tea`, amount: 4.5 })
        await send('POST', `/${database}`, { item: `${database} bread`, amount: 3 })
        await send('GET', `/${database}`)
        await send('GET', `/${database}/${tea.id}`)
        await send('GET', `/${database}/00000000-0000-4000-8000-000000000000`)
        await send('POST', `/${database}`, { item: `${database} tea`, amount: 1 })
        await send('GET', `/${database}/wrong`)
      }
      await send('GET', '/count')
      await send('GET', '/price/tea')
      await send('GET', '/price/nothing')
    },
    changes: [
      { env: { POSTGRES_LIST: descending }, names: descending },
      { env: { MARIADB_LIST: descending }, names: descending },
      { env: { COUNT_KEY: 'others' }, names: 'GET others' },
      { env: { PRICE_PATH: '/cost' }, names: '/cost/', tests: 2 },
    ],
  })
})
