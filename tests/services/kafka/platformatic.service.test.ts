/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Kafka that need not run, for @platformatic/kafka
 * Impact: a suite that runs in seconds, anywhere
 */
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
  type CompressionAlgorithmValue,
} from '@platformatic/kafka'
import { expect, test } from 'vitest'

import { replayKafka } from './kafka-relays.ts'
import { record, recordAndReplay, type Names } from './record-and-replay.ts'

function client(broker: string) {
  return { clientId: 'service', bootstrapBrokers: [broker], timeout: 10_000, retries: 1 }
}

async function write(
  broker: string,
  messages: { topic: string; key: string; value: string }[],
  compression: CompressionAlgorithmValue = 'none',
) {
  const producer = new Producer({ ...client(broker), serializers: stringSerializers, compression })
  try {
    await producer.send({ messages })
  } finally {
    await producer.close()
  }
}

async function writeAndRead(broker: string, { orders, group }: Names): Promise<string[]> {
  const messages = ['one', 'two', 'three', 'four'].map((value) => ({ topic: orders, key: value, value }))
  await write(broker, messages.slice(0, 3))
  const consumer = new Consumer({
    ...client(broker),
    groupId: group,
    deserializers: stringDeserializers,
    maxWaitTime: 500,
  })
  const seen: string[] = []
  try {
    const stream = await consumer.consume({ topics: [orders], mode: MessagesStreamModes.EARLIEST, autocommit: true })
    for await (const { key, value } of stream) {
      seen.push(`${key} ${value}`)
      if (seen.length === 3) await write(broker, messages.slice(3))
      if (seen.length === 4) break
    }
    await stream.close()
  } finally {
    await consumer.close(true)
  }
  return seen.sort()
}

test('a service with @platformatic/kafka writes and reads in a group without its broker', async () => {
  const { real, replayed } = await recordAndReplay(writeAndRead)
  expect(real).toEqual(['four four', 'one one', 'three three', 'two two'])
  expect(replayed).toEqual(real)
})

test('every compression of records is read', async () => {
  const text = 'the same words, again and again; '.repeat(40)
  const { calls, names } = await record(async (broker, { bills }) => {
    for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      await write(broker, [{ topic: bills, key: compression, value: `${compression} ${text}` }], compression)
    }
  })
  const written = calls.flatMap(({ request, operation }) => (operation === 'Produce' ? [request] : []))
  expect(written).toEqual(
    ['gzip', 'snappy', 'lz4', 'zstd'].map((key) => ({
      api: 'Produce',
      topic: names.bills,
      key,
      value: `${key} ${text}`,
      acks: 1,
    })),
  )
  await using replay = await replayKafka(calls)
  await write(replay.broker, [{ topic: names.bills, key: 'lz4', value: `lz4 ${text}` }], 'snappy')
  expect(replay.misses).toEqual([])
  await expect(write(replay.broker, [{ topic: names.bills, key: 'x', value: 'never' }])).rejects.toThrow(/produc/i)
  expect(replay.misses.length).toBeGreaterThan(0)
  expect(new Set(replay.misses)).toEqual(new Set([`Produce ${names.bills} key x never`]))
})

test('topics made with the admin client of @platformatic/kafka are replayed', async () => {
  const { real, replayed } = await recordAndReplay(async (broker, { fresh }) => {
    const admin = new Admin(client(broker))
    try {
      const created = await admin.createTopics({ topics: [fresh], partitions: 2, replicas: 1 })
      await admin.deleteTopics({ topics: [fresh] })
      return created.map(({ name, partitions }) => ({ name, partitions }))
    } finally {
      await admin.close()
    }
  })
  expect(real).toMatchObject([{ partitions: 2 }])
  expect(replayed).toEqual(real)
})
