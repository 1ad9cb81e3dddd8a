'use strict'
// A service with one route per driver; each request makes three calls that carry its tag.
const http = require('node:http')

const { env } = process
const say = (options, tag) =>
  new Promise((resolve, reject) => {
    const request = http.request(`${env.HTTP_URL}/${tag}`, options, (response) => response.resume().on('end', resolve))
    request.on('error', reject).end()
  })

async function drivers() {
  const made = {}
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })
  made.http = (tag) => say({ agent }, tag)
  made.fetch = async (tag) => (await fetch(`${env.HTTP_URL}/${tag}`)).text()
  const major = Number(process.versions.node.split('.')[0])
  // undici 8 does not run on Node 20.
  const { Pool: Undici } = major < 22 ? {} : require('undici')
  const undici = Undici && new Undici(env.HTTP_URL, { connections: 4 })
  if (undici)
    made.undici = async (tag) => (await undici.request({ path: `/${tag}`, method: 'POST', body: tag })).body.text()
  const grpc = require('@grpc/grpc-js')
  const same = (bytes) => bytes
  const echo = new grpc.Client(env.GRPC_TARGET, grpc.credentials.createInsecure())
  made.grpc = (tag) =>
    new Promise((resolve, reject) =>
      echo.makeUnaryRequest('/echo.Echo/Say', same, same, Buffer.from(tag), (error, value) =>
        error ? reject(error) : resolve(value),
      ),
    )
  if (env.PG_URL) {
    const pg = require('pg')
    const client = new pg.Client({ connectionString: env.PG_URL })
    await client.connect()
    made.pg = (tag) => client.query('select $1::text', [tag])
    const pool = new pg.Pool({ connectionString: env.PG_URL, max: 4 })
    made['pg-pool'] = (tag) => pool.query('select $1::text', [tag])
    const sql = require('postgres')(env.PG_URL, { max: 4, fetch_types: false })
    made['postgres-js'] = (tag) => sql`select ${tag}::text`
  }
  if (env.REDIS_URL) {
    const Redis = require('ioredis')
    const plain = new Redis(env.REDIS_URL)
    made.ioredis = (tag) => plain.get(tag)
    made['ioredis-pipeline'] = (tag) => plain.pipeline().get(tag).exists(tag).exec()
    const auto = new Redis(env.REDIS_URL, { enableAutoPipelining: true })
    made['ioredis-auto'] = (tag) => auto.get(tag)
    const redis = require('redis').createClient({ url: env.REDIS_URL })
    await redis.connect()
    made.redis = (tag) => redis.get(tag)
  }
  if (env.MYSQL_URL) {
    const mysql = require('mysql2').createPool({ uri: env.MYSQL_URL, connectionLimit: 4 })
    made.mysql2 = (tag) =>
      new Promise((resolve, reject) =>
        mysql.query('select ?', [tag], (error, rows) => (error ? reject(error) : resolve(rows))),
      )
  }
  if (env.MONGODB_URL) {
    const { MongoClient } = require('mongodb')
    const mongo = new MongoClient(env.MONGODB_URL, { maxPoolSize: 4 })
    await mongo.connect()
    made.mongodb = (tag) => mongo.db('hook').collection('tags').findOne({ tag })
  }
  if (env.AMQP_URL) {
    const connection = await require('amqplib').connect(env.AMQP_URL)
    const channel = await connection.createConfirmChannel()
    made.amqplib = (tag) =>
      new Promise((resolve, reject) =>
        channel.publish('', 'nowhere', Buffer.from(tag), {}, (error) => (error ? reject(error) : resolve())),
      )
  }
  return made
}

drivers().then((made) => {
  const server = http.createServer((request, response) => {
    const [, driver, tag] = request.url.split('/')
    const work = async () => {
      try {
        for (let n = 0; n < 3; n++) await made[driver](`${tag}.${n};`)
        response.end('done')
      } catch (error) {
        response.writeHead(500).end(String(error))
      }
    }
    // Half of the requests begin their work in an event of the body.
    if (request.method === 'POST') request.resume().on('end', work)
    else work()
  })
  server.listen(0, '127.0.0.1', () =>
    console.log(JSON.stringify({ port: server.address().port, drivers: Object.keys(made) })),
  )
})
