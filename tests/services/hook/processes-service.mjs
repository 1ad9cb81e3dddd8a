// A notebook in Redis that is served by a cluster, and read by a child and by a thread.
import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

import { Redis } from 'ioredis'

import { serve } from '../node/serve.mjs'

const file = fileURLToPath(import.meta.url)
const CLUSTER = 2

async function read(id) {
  const redis = new Redis(process.env.REDIS_URL)
  const note = await redis.get(`note:${id}`)
  await redis.quit()
  return note
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- it is a port of a thread
if (!isMainThread) parentPort.postMessage(await read(workerData))
else if (process.argv[2] === 'child') process.send(await read(process.argv[3]), () => process.disconnect())
else if (cluster.isPrimary) {
  for (let number = 0; number < CLUSTER; number++) cluster.fork()
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.kill()
  })
  cluster.on('exit', () => {
    if (Object.keys(cluster.workers).length === 0) process.exit(0)
  })
} else {
  const redis = new Redis(process.env.REDIS_URL)
  serve(
    {
      'POST /notes': async ({ body }) => {
        await redis.set(`note:${body.text}`, `${body.text} by ${process.env.AUTHOR ?? 'us'}`)
        return [201, { count: await redis.strlen(`note:${body.text}`) }]
      },
      'GET /worker': () => [200, { workers: CLUSTER, one: cluster.worker.id > 0 }],
      'GET /child/:id': async ({ params: { id } }) => {
        const child = fork(file, ['child', id])
        const [note] = await once(child, 'message')
        return [200, { note }]
      },
      'GET /thread/:id': async ({ params: { id } }) => {
        const [note] = await once(new Worker(file, { workerData: id }), 'message')
        return [200, { note }]
      },
    },
    () => redis.quit(),
  )
}
