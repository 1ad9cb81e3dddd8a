import { kafka, mongodb, mysql, postgres, rabbitmq, redis, startFixtures } from '@keploy-framework/fixtures'

import { startLocalServers, startPostgresTls } from './local-servers.ts'
import { startMysqlTls } from './mysql-tls.ts'

/** What the drivers of databases and brokers talk to. */
export type DependencyName = 'db' | 'cache' | 'shop' | 'documents' | 'broker' | 'log'

/** Starts all that the drivers talk to; what cannot be started is missing from the environment. */
export async function startDependencies(
  names: readonly DependencyName[] = ['db', 'cache', 'shop', 'documents', 'broker', 'log'],
): Promise<{ env: Record<string, string>; close(): Promise<void> }> {
  const fixtures = startFixtures({
    db: postgres(),
    cache: redis(),
    shop: mysql(),
    documents: mongodb(),
    broker: rabbitmq(),
    log: kafka(),
  })
  const local = await startLocalServers()
  const env: Record<string, string> = { ...local.env }
  const closers: (() => void)[] = [local.close]
  const attempt = async (name: DependencyName, work: () => Promise<void>): Promise<void> => {
    if (!names.includes(name)) return
    try {
      await work()
    } catch (error) {
      if (process.env['KEPLOY_REQUIRE_SERVICES'] === 'all') throw error
      console.error(String(error).split('\n')[0])
    }
  }
  try {
    await Promise.all([
      attempt('db', async () => {
        const { url } = await fixtures.acquire('db')
        env['PG_URL'] = url
        const secure = await startPostgresTls(Number(new URL(url).port))
        closers.push(secure.close)
        env['PG_TLS_URL'] = Object.assign(new URL(url), { port: String(secure.port) }).href
      }),
      attempt('cache', async () => {
        env['REDIS_URL'] = (await fixtures.acquire('cache')).url
      }),
      attempt('shop', async () => {
        const { url } = await fixtures.acquire('shop')
        env['MYSQL_URL'] = url
        const secure = await startMysqlTls(Number(new URL(url).port))
        closers.push(secure.close)
        env['MYSQL_TLS_URL'] = Object.assign(new URL(url), { port: String(secure.port) }).href
      }),
      attempt('documents', async () => {
        env['MONGODB_URL'] = (await fixtures.acquire('documents')).url
      }),
      attempt('broker', async () => {
        env['AMQP_URL'] = (await fixtures.acquire('broker')).url
      }),
      attempt('log', async () => {
        const log = await fixtures.acquire('log')
        env['KAFKA_BROKER'] = log.brokers[0] ?? ''
        env['KAFKA_TOPIC'] = log.topic('hook').name
      }),
    ])
  } catch (error) {
    await fixtures.close()
    throw error
  }
  return {
    env,
    async close() {
      for (const close of closers) close()
      await fixtures.close()
    },
  }
}
