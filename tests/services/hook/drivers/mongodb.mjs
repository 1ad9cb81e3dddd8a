import { MongoClient } from 'mongodb'
const client = new MongoClient(process.env.MONGODB_URL, {
  monitorCommands: false,
  heartbeatFrequencyMS: 60_000,
  maxPoolSize: 1,
})
const items = client.db('hook').collection('items')
await items.deleteMany({})
await items.insertOne({ _id: 1, name: 'ä' })
console.log(JSON.stringify(await items.find().toArray()))
await client.close()
