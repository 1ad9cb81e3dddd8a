'use strict'
// Prints the median time of one query and one ping, and the processor time that each takes here, in microseconds.
const pg = require('pg')
const Redis = require('ioredis')

async function median(times, work) {
  const taken = []
  const before = process.cpuUsage()
  for (let n = 0; n < times; n++) {
    const started = process.hrtime.bigint()
    await work()
    taken.push(Number(process.hrtime.bigint() - started) / 1000)
  }
  const { user, system } = process.cpuUsage(before)
  return {
    time: taken.slice(times / 5).sort((a, b) => a - b)[Math.floor((times * 2) / 5)],
    cpu: (user + system) / times,
  }
}

async function main() {
  const client = new pg.Client({ connectionString: process.env.PG_URL })
  await client.connect()
  const redis = new Redis(process.env.REDIS_URL)
  const result = {
    pg: await median(1500, () => client.query('select 1')),
    redis: await median(3000, () => redis.ping()),
  }
  await client.end()
  await redis.quit()
  console.log(JSON.stringify(result))
}
main()
