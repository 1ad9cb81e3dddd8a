/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a MongoDB that need not run
 * Impact: a suite that runs in seconds, anywhere
 */
import { mongodb, startFixtures } from '@keploy-framework/fixtures'
import { mongodbProtocol, type ReadCall } from '@keploy-framework/wire'
import { MongoClient, MongoServerError, ObjectId, type MongoClientOptions } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'

const OPTIONS: MongoClientOptions = { serverSelectionTimeoutMS: 5000, directConnection: true }
const id = new ObjectId('64b000000000000000000001')

/** What a service might do, with the values that it saw. */
async function work(port: number, options: MongoClientOptions = {}): Promise<unknown[]> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, { ...OPTIONS, ...options })
  try {
    const seen: unknown[] = []
    const users = client.db('app_wire').collection<{ _id: ObjectId | number; name?: string; age?: number }>('users')
    await users.deleteMany({})
    seen.push(await users.insertOne({ _id: id, name: 'Ada', age: 36 }))
    seen.push(await users.insertMany(Array.from({ length: 250 }, (_, index) => ({ _id: index, age: index / 2 }))))
    seen.push(await users.findOne({ _id: id }))
    // Several batches, by one cursor.
    const found = await users.find({ age: { $gte: 0 } }, { batchSize: 40, sort: { _id: 1 } }).toArray()
    seen.push(found.length, found.at(-1))
    // A cursor that is given up.
    for await (const user of users.find({}, { batchSize: 10 })) {
      seen.push(user.name === undefined ? 'number' : 'name')
      break
    }
    seen.push(await users.updateOne({ _id: id }, { $set: { name: 'Ada L.' }, $inc: { age: 1 } }))
    seen.push((await users.findOneAndUpdate({ _id: 1 }, { $set: { name: 'one' } }, { returnDocument: 'after' }))?.name)
    const { insertedCount, modifiedCount, deletedCount } = await users.bulkWrite([
      { insertOne: { document: { _id: 1000, name: 'bulk' } } },
      { updateMany: { filter: { age: { $lt: 3 } }, update: { $set: { name: 'young' } } } },
      { deleteOne: { filter: { _id: 249 } } },
    ])
    seen.push(insertedCount, modifiedCount, deletedCount)
    seen.push(await users.aggregate([{ $match: { age: { $lt: 5 } } }, { $count: 'n' }]).toArray())
    const error: unknown = await users.insertOne({ _id: id }).catch((reason: unknown) => reason)
    seen.push(error instanceof MongoServerError ? error.code : error)
    seen.push(await users.countDocuments({ name: 'young' }))
    seen.push(await client.db('app_wire').command({ ping: 1 }))
    return seen
  } finally {
    await client.close()
  }
}

describe('MongoDB', () => {
  const fixtures = startFixtures({ mongo: mongodb() })
  let port: number
  beforeAll(async () => {
    port = (await fixtures.acquire('mongo')).port
  })
  afterAll(() => fixtures.close())

  async function record(options: MongoClientOptions): Promise<{ seen: unknown[]; calls: readonly ReadCall[] }> {
    await using recording = await recordThrough(mongodbProtocol, { port })
    const seen = await work(recording.port, options)
    expect(recording.gaps).toEqual([])
    return { seen, calls: [...recording.calls] }
  }

  test('documents, cursors, bulk writes and errors are answered as they were recorded', async () => {
    const { seen, calls } = await record({})
    const find = calls.find(({ request }) => JSON.stringify(request).includes('"find":"users"'))
    expect(find).toMatchObject({
      operation: 'find',
      lifetime: 'test',
      state: 'complete',
      request: {
        command: 'find',
        database: 'app_wire',
        body: { find: 'users', filter: { _id: { $oid: id.toHexString() } } },
      },
      response: { cursor: { firstBatch: [{ name: 'Ada', age: 36 }] } },
    })
    expect(JSON.stringify(calls)).not.toMatch(/lsid|txnNumber|"payload"/)
    await using mocked = await serveCalls(mongodbProtocol, calls)
    expect(await work(mocked.port)).toEqual(seen)
    expect(mocked.misses).toEqual([])
    expect(mocked.unused()).toEqual([])
  })

  test('a client that would compress is recorded and answered', async () => {
    const { seen, calls } = await record({ compressors: ['zlib'] })
    await using mocked = await serveCalls(mongodbProtocol, calls)
    expect(await work(mocked.port, { compressors: ['zlib'], maxPoolSize: 1 })).toEqual(seen)
    expect(mocked.misses).toEqual([])
  })

  test('what was never recorded is an error with the words of the matcher, and the connection goes on', async () => {
    const { calls } = await record({})
    await using mocked = await serveCalls(mongodbProtocol, calls)
    const client = new MongoClient(`mongodb://127.0.0.1:${mocked.port}/`, OPTIONS)
    try {
      const users = client.db('app_wire').collection('users')
      await expect(users.findOne({ name: 'nobody' })).rejects.toMatchObject({
        message: expect.stringContaining('nothing recorded answers find app_wire.users') as string,
        code: 8000,
      })
      expect(await users.findOne({ _id: id })).toMatchObject({ name: 'Ada' })
      expect(mocked.misses).toHaveLength(1)
    } finally {
      await client.close()
    }
  })

  test.each(['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const)(
    'the mock server proves with %s that it knows the password',
    async (mechanism) => {
      const { calls } = await record({})
      const credentials = { username: 'ada', password: 'correct horse' }
      await using mocked = await serveCalls(mongodbProtocol, calls, { credentials })
      const ping = async (to: number, password: string): Promise<unknown> => {
        const options: MongoClientOptions = {
          ...OPTIONS,
          auth: { username: 'ada', password },
          authMechanism: mechanism,
        }
        const client = new MongoClient(`mongodb://127.0.0.1:${to}/`, options)
        try {
          return await client.db('app_wire').command({ ping: 1 })
        } finally {
          await client.close()
        }
      }
      expect(await ping(mocked.port, 'correct horse')).toMatchObject({ ok: 1 })
      await expect(ping(mocked.port, 'wrong')).rejects.toThrow('another password')
      await using poor = await serveCalls(mongodbProtocol, calls)
      await expect(ping(poor.port, 'correct horse')).rejects.toThrow('has no password')
    },
  )
})
