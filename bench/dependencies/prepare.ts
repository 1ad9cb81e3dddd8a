// Fills the real servers with what clients ask for.
import { openPg, openRedis } from './drivers.ts'

const [postgresUrl = '', redisUrl = '', count = '0'] = process.argv.slice(2)
const client = await openPg(postgresUrl)
await client.query('CREATE TABLE bench_users (id int PRIMARY KEY, name text)')
await client.query("INSERT INTO bench_users SELECT id, 'name ' || id FROM generate_series(1, $1::int) id", [count])
await client.end()
const redis = openRedis(redisUrl)
for (let id = 1; id <= Number(count); id++) await redis.set(`bench:${id}`, `name ${id}`)
await redis.quit()
process.send!({ ready: true })
