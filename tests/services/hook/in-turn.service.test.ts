/**
 * Segment: teams with services in Node
 * Goal: calls are seen without a change of code
 * Value: each call with the request that made it
 * Impact: attribution without guesses, also of many requests at once
 */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { kafka, postgres, rabbitmq, startFixtures } from '@keploy-framework/fixtures'
import { createLocalCa } from '@keploy-framework/intercept'
import { describe, expect, it } from 'vitest'

import { describeServices } from '../../../packages/fixtures/test/require-service.ts'
import { recordService, type RecordedService, type Send } from '../harness/record-and-replay.ts'
import { expectGreen } from '../harness/service-tests.ts'
import { askForOrders, giveJobs, nodeService, sendAndSee } from '../node/node-service.ts'

interface Changing extends RecordedService {
  /** What changes the service, and what its failure has to name. */
  readonly change: { readonly env: Readonly<Record<string, string>>; readonly names: string }
}

const sql = 'select * from orders order by item desc'

const services: Record<string, () => Promise<Changing>> = {
  async 'postgres.js'() {
    const fixtures = startFixtures({ db: postgres({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('db')
    return {
      command: nodeService('postgres-js'),
      env: { DATABASE_URL: url },
      requests: askForOrders,
      stop: () => fixtures.close(),
      change: { env: { LIST_SQL: sql }, names: sql },
    }
  },
  async amqplib() {
    const fixtures = startFixtures({ broker: rabbitmq({ providers: ['local'] }) })
    const { url } = await fixtures.acquire('broker')
    return {
      command: nodeService('amqplib'),
      env: { AMQP_URL: url },
      requests: giveJobs,
      stop: () => fixtures.close(),
      change: { env: { QUEUE: 'tasks' }, names: 'tasks' },
    }
  },
  async kafkajs() {
    const fixtures = startFixtures({ log: kafka({ providers: ['jvm'] }) })
    const log = await fixtures.acquire('log')
    const topic = log.topic('orders')
    return {
      command: nodeService('kafkajs'),
      env: { KAFKA_BROKERS: log.brokers.join(','), TOPIC: topic.name, READ_TOPIC: topic.name },
      requests: sendAndSee,
      stop: () => fixtures.close(),
      change: { env: { TOPIC: 'returns' }, names: 'returns' },
    }
  },
  async 'node:https'() {
    const prices = await startPrices()
    return {
      command: [process.execPath, '--no-warnings', path.join(import.meta.dirname, 'https-service.mjs')],
      env: { PRICES_API: prices.url, NODE_EXTRA_CA_CERTS: prices.ca },
      requests: askForPrices,
      stop: () => prices.stop(),
      change: { env: { PRICE_PATH: '/cost' }, names: '/cost/' },
    }
  },
}

async function askForPrices(send: Send): Promise<void> {
  await send('GET', '/price/tea')
  await send('POST', '/price/tea')
  await send('GET', '/price/nothing')
}

/** An API behind HTTPS with an authority of its own. */
async function startPrices(): Promise<{ url: string; ca: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'keploy-prices-'))
  const ca = createLocalCa()
  await writeFile(path.join(folder, 'ca.pem'), ca.cert)
  let asked = 0
  const server = createServer(ca.certificateFor('localhost'), (request, response) => {
    const item = request.url?.split('/').pop() ?? ''
    response.writeHead(item === 'nothing' ? 404 : 200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ item, method: request.method, asked: ++asked }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca: path.join(folder, 'ca.pem'),
    async stop() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

await describeServices({ postgres: 'local', rabbitmq: 'local', kafka: 'jvm' }, () => {
  describe('recorded through the hook, one request after the other', () => {
    it.for(Object.entries(services))(
      '%s replays with nothing to talk to, and a change is named',
      { timeout: 240_000 },
      async ([, start]) => {
        const service = await start()
        await using recording = await recordService({ ...service, options: ['--hook'] })
        expect(recording.calls, recording.log).toMatchObject({ ambiguous: 0, leftOut: 0 })
        expectGreen(await recording.replay(), recording)
        const changed = await recording.replay({ env: service.change.env })
        expect(changed.code, changed.log).toBe(1)
        const messages = changed.sets
          .flatMap(({ tests }) => tests)
          .flatMap(({ failures }) => failures)
          .filter(({ kind }) => kind === 'dependency')
          .map(({ message = '' }) => message)
        expect(messages).not.toEqual([])
        expect(messages.filter((message) => !message.includes(service.change.names))).toEqual([])
      },
    )
  })
})
