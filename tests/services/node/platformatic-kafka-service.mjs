// Events in Kafka through @platformatic/kafka: a producer, and what the cluster says of topics.
import { randomUUID } from 'node:crypto'

import { Admin, Producer, stringSerializers } from '@platformatic/kafka'

import { serve } from './serve.mjs'

const TOPIC = process.env.TOPIC ?? 'orders'
const connection = { clientId: 'orders', bootstrapBrokers: [process.env.KAFKA_BROKERS], retries: 1 }
const producer = new Producer({ ...connection, serializers: stringSerializers, autocreateTopics: true })
const admin = new Admin(connection)

async function send(key, value) {
  const { offsets } = await producer.send({ messages: [{ topic: TOPIC, key, value: JSON.stringify(value) }] })
  return String(offsets?.[0]?.offset)
}

serve(
  {
    'POST /orders': async ({ body }) => {
      const order = { id: randomUUID(), item: body.item, at: new Date().toISOString() }
      return [201, { ...order, offset: await send(order.id, order) }]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => [200, { id, offset: await send(id, body) }],
    'GET /topics': async () => [200, (await admin.listTopics()).filter((name) => name.startsWith('orders'))],
    'GET /wrong': () => [422, { error: 'not asked of Kafka' }],
  },
  () => Promise.all([producer.close(), admin.close()]),
)
