// Events in Kafka through kafkajs: what it produces comes back through a consumer of a group, and shows in a GET.
import { randomUUID } from 'node:crypto'

import { Kafka, logLevel } from 'kafkajs'

import { serve } from './serve.mjs'

const TOPIC = process.env.TOPIC ?? 'orders'
const { KAFKA_SECURITY_PROTOCOL: security = 'PLAINTEXT', KAFKA_SASL_MECHANISM: mechanism } = process.env
const kafka = new Kafka({
  clientId: 'orders',
  brokers: [process.env.KAFKA_BROKERS],
  logLevel: logLevel.NOTHING,
  ssl: security.endsWith('SSL'),
  sasl: mechanism && {
    mechanism,
    username: process.env.KAFKA_SASL_USERNAME,
    password: process.env.KAFKA_SASL_PASSWORD,
  },
})
const producer = kafka.producer()
const consumer = kafka.consumer({ groupId: process.env.GROUP ?? 'orders-reader' })
const seen = new Map()
await Promise.all([producer.connect(), consumer.connect()])
await consumer.subscribe({ topic: process.env.READ_TOPIC ?? 'orders', fromBeginning: true })
await consumer.run({
  eachMessage: async ({ message }) => {
    seen.set(message.key.toString(), JSON.parse(message.value.toString()))
  },
})

async function untilSeen(id) {
  for (let turn = 0; turn < 400 && !seen.has(id); turn++) await new Promise((resolve) => setTimeout(resolve, 25))
  return seen.get(id)
}

serve(
  {
    'POST /orders': async ({ body }) => {
      const order = { id: randomUUID(), item: body.item, at: new Date().toISOString() }
      await producer.send({ topic: TOPIC, messages: [{ key: order.id, value: JSON.stringify(order) }] })
      return [201, order]
    },
    'GET /seen/:id': async ({ params: { id } }) => {
      const order = await untilSeen(id)
      return order === undefined ? [404, { error: 'never seen' }] : [200, order]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => {
      await producer.send({
        topic: TOPIC,
        messages: [{ key: `${id}-changed`, value: JSON.stringify({ id, ...body }) }],
      })
      return [200, await untilSeen(`${id}-changed`)]
    },
    'GET /wrong': () => [422, { error: 'not asked of Kafka' }],
  },
  () => Promise.all([producer.disconnect(), consumer.disconnect()]),
)
