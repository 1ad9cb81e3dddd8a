// Jobs in RabbitMQ through amqplib: confirmed publishing, a consumer whose work shows in a GET, and a basic.get.
import { randomUUID } from 'node:crypto'

import amqp from 'amqplib'

import { serve } from './serve.mjs'

const QUEUE = process.env.QUEUE ?? 'jobs'
const connection = await amqp.connect(process.env.AMQP_URL)
connection.on('error', () => {})
const channel = await connection.createConfirmChannel()
await channel.assertQueue('jobs', { durable: false })
await channel.assertQueue('later', { durable: false })
const done = new Map()
await channel.consume('jobs', (message) => {
  const job = JSON.parse(message.content.toString())
  done.set(job.id, job)
  channel.ack(message)
})

async function untilDone(id) {
  for (let turn = 0; turn < 200 && !done.has(id); turn++) await new Promise((resolve) => setTimeout(resolve, 25))
  return done.get(id)
}

async function publish(queue, value) {
  channel.sendToQueue(queue, Buffer.from(JSON.stringify(value)), { contentType: 'application/json' })
  await channel.waitForConfirms()
}

serve(
  {
    'POST /jobs': async ({ body }) => {
      const job = { id: randomUUID(), task: body.task, at: new Date().toISOString() }
      await publish(QUEUE, job)
      return [201, job]
    },
    'GET /jobs/:id': async ({ params: { id } }) => {
      const job = await untilDone(id)
      return job === undefined ? [404, { error: 'not done' }] : [200, job]
    },
    'POST /later': async ({ body }) => {
      await publish('later', { id: randomUUID(), task: body.task })
      return [202, {}]
    },
    'GET /later': async () => {
      const message = await channel.get('later', { noAck: true })
      return message ? [200, JSON.parse(message.content.toString())] : [404, { error: 'nothing there' }]
    },
    'GET /queue': async () => [200, await channel.checkQueue('later')],
  },
  () => connection.close(),
)
