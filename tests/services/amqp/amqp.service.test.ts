/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a RabbitMQ that need not run
 * Impact: a suite that runs in seconds, anywhere
 */
import { rabbitmq, startFixtures } from '@keploy-framework/fixtures'
import { amqpProtocol, type ReadCall } from '@keploy-framework/wire'
import { connect, type ChannelModel, type ConsumeMessage, type Options } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'

const fixtures = startFixtures({ broker: rabbitmq({ startTimeoutMs: 120_000 }) })
let broker: Options.Connect & { readonly port: number }

beforeAll(async () => {
  const { port, user, password, vhost } = await fixtures.acquire('broker')
  broker = { hostname: '127.0.0.1', port, username: user, password, vhost, heartbeat: 5 }
}, 180_000)
afterAll(() => fixtures.close(), 60_000)

async function connected<Result>(port: number, work: (connection: ChannelModel) => Promise<Result>): Promise<Result> {
  const connection = await connect({ ...broker, port })
  connection.on('error', () => {})
  try {
    return await work(connection)
  } finally {
    await connection.close().catch(() => {})
  }
}

async function record<Result>(
  work: (connection: ChannelModel) => Promise<Result>,
): Promise<{ readonly seen: Result; readonly calls: readonly ReadCall[] }> {
  await using recording = await recordThrough(amqpProtocol, { port: broker.port })
  const seen = await connected(recording.port, work)
  expect(recording.gaps).toEqual([])
  return { seen, calls: recording.calls.toSorted((one, other) => one.id - other.id) }
}

/** What a consumer sees of a message, without what numbers it. */
function facts({ content, fields, properties }: ConsumeMessage): unknown {
  const { contentType, headers, messageId } = properties
  return [content.toString('utf8'), fields.exchange, fields.routingKey, { contentType, headers, messageId }]
}

async function shop(connection: ChannelModel): Promise<unknown[]> {
  const seen: unknown[] = []
  const channel = await connection.createConfirmChannel()
  const returned: unknown[] = []
  channel.on('return', (message: ConsumeMessage) =>
    returned.push(message.content.toString(), message.fields.routingKey),
  )
  await channel.prefetch(1)
  await channel.assertExchange('shop', 'topic', { durable: false })
  const { queue } = await channel.assertQueue('', { exclusive: true })
  await channel.bindQueue(queue, 'shop', 'order.#')
  const got: unknown[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message === null) return
    got.push(facts(message))
    if (got.length === 2) channel.nack(message, false, false)
    else channel.ack(message)
    if (got.length === 3) resolve()
  })
  const headers = { tries: 3, ratio: 0.5, big: 2 ** 40, deep: { list: [true, null, 'x'] } }
  channel.publish('shop', 'order.created', Buffer.from('{"id":1}'), { contentType: 'application/json', headers })
  channel.publish('shop', 'order.paid', Buffer.from('x'.repeat(300_000)), { messageId: 'm-1' })
  channel.publish('shop', 'order.sent', Buffer.from([255, 0, 1]))
  channel.publish('shop', 'nobody', Buffer.from('lost'), { mandatory: true })
  await channel.waitForConfirms()
  await promise
  await channel.cancel(consumerTag)
  seen.push(got, returned)
  await channel.assertQueue('later', { durable: false, autoDelete: true })
  channel.sendToQueue('later', Buffer.from('now'))
  await channel.waitForConfirms()
  const message = await channel.get('later', { noAck: true })
  seen.push(message === false ? message : message.content.toString(), await channel.get('later'))
  seen.push((await channel.deleteQueue('later')).messageCount)
  await channel.close()
  return seen
}

describe('AMQP', () => {
  test('declarations, confirms, returned messages, deliveries and acknowledgements are answered as recorded', async () => {
    const { seen, calls } = await record(shop)
    expect(calls.find(({ operation }) => operation === 'basic.publish')).toMatchObject({
      request: {
        method: 'basic.publish',
        exchange: 'shop',
        routingKey: 'order.created',
        properties: {
          contentType: 'application/json',
          headers: { tries: { $int8: 3 }, ratio: 0.5, deep: { list: [true, null, 'x'] } },
        },
        body: '{"id":1}',
      },
      response: { method: 'basic.ack' },
    })
    expect(calls.filter(({ request }) => request === null).map(({ operation }) => operation)).toEqual(
      Array(3).fill('basic.deliver'),
    )
    expect(JSON.stringify(calls)).not.toContain(broker.password)
    await using mocked = await serveCalls(amqpProtocol, calls)
    expect(await connected(mocked.port, shop)).toEqual(seen)
    expect(mocked.misses).toEqual([])
    expect(mocked.unused()).toEqual([])
  })

  test('errors of the broker, those of a call and those said by themselves, are answered as recorded', async () => {
    const work = async (connection: ChannelModel): Promise<unknown[]> => {
      const channel = await connection.createChannel()
      channel.on('error', () => {})
      const missing: unknown = await channel
        .checkQueue('no-such-queue')
        .catch((reason: unknown) => (reason as Error).message)
      const next = await connection.createChannel()
      const { queue } = await next.assertQueue('', { exclusive: true })
      const { promise, resolve } = Promise.withResolvers<unknown>()
      next.on('error', (error: Error) => resolve(error.message))
      const { messageCount } = await next.checkQueue(queue)
      next.publish('no-such-exchange', 'key', Buffer.from('x'))
      return [missing, messageCount, await promise]
    }
    const { seen, calls } = await record(work)
    expect(seen).toEqual([expect.stringContaining('NOT_FOUND'), 0, expect.stringContaining('no-such-exchange')])
    await using mocked = await serveCalls(amqpProtocol, calls)
    expect(await connected(mocked.port, work)).toEqual(seen)
    expect(mocked.misses).toEqual([])
  })

  test('what was never recorded closes the channel with the words of the matcher, and the connection goes on', async () => {
    const { calls } = await record(shop)
    await using mocked = await serveCalls(amqpProtocol, calls)
    await connected(mocked.port, async (connection) => {
      const channel = await connection.createChannel()
      channel.on('error', () => {})
      await expect(channel.checkQueue('unknown')).rejects.toThrow('nothing recorded answers queue.declare')
      const publisher = await connection.createChannel()
      const { promise, resolve } = Promise.withResolvers<string>()
      publisher.on('error', (error: Error) => resolve(error.message))
      publisher.publish('shop', 'order.never', Buffer.from('x'))
      expect(await promise).toContain('nothing recorded answers basic.publish')
      await (await connection.createChannel()).assertExchange('shop', 'topic', { durable: false })
    })
    expect(mocked.misses).toHaveLength(2)
  })
})
