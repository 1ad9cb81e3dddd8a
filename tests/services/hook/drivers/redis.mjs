import { createClient } from 'redis'
const client = createClient({ url: process.env.REDIS_URL })
await client.connect()
await client.set('hook:b', '1')
const answers = await Promise.all([client.get('hook:b'), client.incr('hook:b'), client.del('hook:b'), client.ping()])
console.log(JSON.stringify(answers))
await client.close()
