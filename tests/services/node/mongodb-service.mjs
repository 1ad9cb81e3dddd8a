// Orders in MongoDB: ids of the driver, documents, a cursor of several batches, an index.
import { MongoClient, ObjectId } from 'mongodb'

import { serve } from './serve.mjs'

const client = new MongoClient(process.env.MONGODB_URL)
const orders = client.db().collection(process.env.COLLECTION ?? 'orders')
const list = client.db().collection(process.env.LIST_COLLECTION ?? 'orders')
await orders.createIndex({ item: 1 }, { unique: true })

serve(
  {
    'POST /orders': async ({ body }) => {
      const order = { item: body.item, amount: body.amount, tags: ['new'], at: new Date() }
      await orders.insertOne(order)
      return [201, order]
    },
    'GET /orders': async () => [200, await list.find().sort({ item: 1 }).batchSize(2).toArray()],
    'GET /orders/:id': async ({ params: { id } }) => {
      const order = await orders.findOne({ _id: new ObjectId(id) })
      return order === null ? [404, { error: 'no such order' }] : [200, order]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => {
      const { modifiedCount } = await orders.updateOne(
        { _id: new ObjectId(id) },
        { $set: { amount: body.amount, changed: new Date() } },
      )
      return [200, { changed: modifiedCount }]
    },
    'GET /count': async () => [200, { orders: await orders.countDocuments() }],
  },
  () => client.close(),
)
