/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Kafka that need not run, for kafkajs
 * Impact: a suite that runs in seconds, anywhere
 */
import { CompressionTypes, ConfigResourceTypes, Kafka, logLevel, type IHeaders } from 'kafkajs'
import { expect, test } from 'vitest'

import { replayKafka } from './kafka-relays.ts'
import { record, recordAndReplay, type Names } from './record-and-replay.ts'

interface Seen {
  readonly key: string | undefined
  readonly value: string | undefined
  readonly headers: IHeaders | undefined
}

function connect(broker: string): Kafka {
  return new Kafka({ clientId: 'service', brokers: [broker], logLevel: logLevel.NOTHING })
}

/** Reads until so many messages came. */
async function read(
  client: Kafka,
  groupId: string,
  topics: string[],
  count: number,
  onEach?: (seen: Seen, topic: string) => Promise<void>,
) {
  const consumer = client.consumer({ groupId, maxWaitTimeInMs: 500 })
  const seen: Seen[] = []
  try {
    await consumer.connect()
    await consumer.subscribe({ topics, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({
        topic,
        message,
      }: {
        topic: string
        message: { key: Buffer | null; value: Buffer | null; headers?: IHeaders }
      }) => {
        const each = { key: message.key?.toString(), value: message.value?.toString(), headers: message.headers }
        seen.push(each)
        await onEach?.(each, topic)
        if (seen.length === count) resolve()
      }
      consumer.run({ eachMessage }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return seen
}

function sorted(list: readonly Seen[]): string[] {
  return list.map((each) => JSON.stringify(each)).sort()
}

/** A service that writes orders, and bills what it reads of them. */
async function billOrders(broker: string, { orders, bills, group }: Names): Promise<Seen[]> {
  const client = connect(broker)
  const producer = client.producer()
  await producer.connect()
  const messages = ['one', 'two', 'three'].map((value) => ({ key: value, value, headers: { by: 'service' } }))
  await producer.send({ topic: orders, messages })
  const seen = await read(client, group, [orders, bills], 6, async ({ key, value }, topic) => {
    if (topic !== orders) return
    await producer.send({ topic: bills, messages: [{ key: key ?? null, value: `bill for ${value}` }] })
  })
  await producer.disconnect()
  return seen
}

test('a service with kafkajs writes, reads in a group, and answers, without its broker', async () => {
  const { real, replayed, calls } = await recordAndReplay(billOrders)
  expect(sorted(replayed)).toEqual(sorted(real))
  expect(calls.filter(({ operation }) => operation === 'Produce')).toHaveLength(6)
})

test('how messages are grouped and compressed does not matter, what they say does', async () => {
  const { calls, names } = await record(async (broker, { orders }) => {
    const producer = connect(broker).producer()
    await producer.connect()
    const messages = [{ value: 'one' }, { value: 'two' }]
    await producer.send({ topic: orders, messages, compression: CompressionTypes.GZIP })
    await producer.disconnect()
  })
  await using replay = await replayKafka(calls)
  const producer = connect(replay.broker).producer({ idempotent: true })
  await producer.connect()
  for (const value of ['two', 'one']) await producer.send({ topic: names.orders, messages: [{ value }] })
  expect(replay.misses).toEqual([])
  expect(replay.unused()).toEqual([])
  await expect(producer.send({ topic: names.orders, messages: [{ key: 'a', value: 'three' }] })).rejects.toThrow(
    'The server experienced an unexpected error',
  )
  expect(replay.misses).toEqual([`Produce ${names.orders} key a three`])
  await producer.disconnect()
})

test('transactions of kafkajs are told apart by how they end', async () => {
  const run = async (broker: string, { orders, group, transaction }: Names) => {
    const client = connect(broker)
    const producer = client.producer({ transactionalId: transaction, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const lost = await producer.transaction()
    await lost.send({ topic: orders, messages: [{ key: 'k', value: 'lost' }] })
    await lost.abort()
    const kept = await producer.transaction()
    await kept.send({ topic: orders, messages: [{ key: 'k', value: 'kept' }] })
    await kept.sendOffsets({
      consumerGroupId: group,
      topics: [{ topic: orders, partitions: [{ partition: 0, offset: '1' }] }],
    })
    await kept.commit()
    await producer.disconnect()
    return read(client, `${group}-reader`, [orders], 1)
  }
  const { real, replayed, calls } = await recordAndReplay(run)
  expect(real).toMatchObject([{ value: 'kept' }])
  expect(replayed).toEqual(real)
  expect(calls.filter(({ operation }) => operation === 'EndTxn').map(({ request }) => request)).toMatchObject([
    { committed: false },
    { committed: true },
  ])
})

test('what the admin client of kafkajs does and reads is replayed', async () => {
  const run = async (broker: string, { orders, fresh }: Names) => {
    const admin = connect(broker).admin()
    await admin.connect()
    try {
      const created = await admin.createTopics({ topics: [{ topic: fresh, numPartitions: 3 }], waitForLeaders: false })
      const again = await admin
        .createTopics({ topics: [{ topic: fresh, numPartitions: 3 }], waitForLeaders: false })
        .catch((error: Error) => error.message)
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: orders, configNames: ['cleanup.policy'] }],
      })
      const offsets = (await admin.fetchTopicOffsets(orders)).sort((a, b) => a.partition - b.partition)
      const { topics } = await admin.fetchTopicMetadata({ topics: [orders] })
      await admin.deleteTopics({ topics: [fresh] })
      const partitions = topics[0]?.partitions.length
      return { created, again, config: resources[0]?.configEntries[0]?.configValue, offsets, partitions }
    } finally {
      await admin.disconnect()
    }
  }
  const { real, replayed } = await recordAndReplay(run)
  expect(real).toMatchObject({ created: true, again: false, config: 'delete', partitions: 2 })
  expect(replayed).toEqual(real)
})

test('two members of a group share the partitions of a topic', async () => {
  const run = async (broker: string, { orders, group }: Names) => {
    const client = connect(broker)
    const producer = client.producer()
    await producer.connect()
    const messages = [0, 1].map((partition) => ({ value: `in ${partition}`, partition }))
    await producer.send({ topic: orders, messages })
    await producer.disconnect()
    const consumers = [0, 1].map(() => client.consumer({ groupId: group, maxWaitTimeInMs: 300 }))
    const seen: string[] = []
    const assigned: number[] = []
    try {
      await new Promise<void>((resolve, reject) => {
        for (const consumer of consumers) {
          consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
            const partitions = payload.memberAssignment[orders]?.length ?? 0
            assigned.push(partitions)
          })
          const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
            seen.push(String(message.value))
            await Promise.resolve()
          }
          const start = async () => {
            await consumer.connect()
            await consumer.subscribe({ topic: orders, fromBeginning: true })
            await consumer.run({ eachMessage })
          }
          start().catch(reject)
        }
        const timer = setInterval(() => {
          if (new Set(seen).size < 2 || assigned.slice(-2).join() !== '1,1') return
          clearInterval(timer)
          resolve()
        }, 50)
      })
    } finally {
      await Promise.all(consumers.map((consumer) => consumer.disconnect()))
    }
    return [...new Set(seen)].sort()
  }
  const { real, calls, names } = await record(run)
  expect(real).toEqual(['in 0', 'in 1'])
  await using replay = await replayKafka(calls)
  expect(await run(replay.broker, names)).toEqual(real)
  expect(replay.misses).toEqual([])
})
