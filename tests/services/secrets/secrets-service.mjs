// Logins with Postgres and Redis: passwords and tokens in bodies, SQL, keys, rows and headers.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

import { Redis } from 'ioredis'
import pg from 'pg'

// A recorder that was killed ends nobody.
const recorder = process.ppid
setInterval(() => process.ppid === recorder || process.exit(), 200).unref()

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })
pool.on('error', () => {})
const redis = new Redis(process.env.REDIS_URL, { lazyConnect: true })
redis.on('error', () => {})

async function login({ email, password }) {
  const found = await pool.query('select id, email, api_token from users where email = $1 and password = $2', [
    email,
    password,
  ])
  const [user] = found.rows
  if (user === undefined) return [401, { error: 'no' }]
  await redis.set(`session:${user.api_token}`, JSON.stringify({ user: user.id, email, secret: user.api_token }))
  return [200, { id: user.id, token: user.api_token }]
}

async function change({ password, reset_token: reset }) {
  await pool.query('insert into resets (email, reset_token) values ($1, $2)', ['ann@example.test', reset])
  await pool.query('update users set password = $1 where email = $2', [password, 'ann@example.test'])
  const literal = `update users set password = '${password}' where email = 'ann@example.test'`
  await pool.query(literal)
  await redis.hset('user:ann', 'password', password, 'digest', createHash('md5').update('x').digest('hex'))
  return [200, { changed: true }]
}

async function me(token) {
  const session = await redis.get(`session:${token}`)
  return session === null ? [401, { error: 'no' }] : [200, { user: JSON.parse(session).user }]
}

const server = createServer((request, response) => {
  const handle = async () => {
    const text = Buffer.concat(await Array.fromAsync(request)).toString()
    const token = request.headers.authorization?.slice(7)
    if (request.url === '/slow') return [200, (await pool.query('select pg_sleep(30)')).rows]
    if (request.url === '/me') return await me(token)
    return await (request.url === '/login' ? login : change)(JSON.parse(text))
  }
  const respond = async () => {
    const [status, value] = await handle().catch((error) => [500, { error: error.message }])
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  void respond()
})
server.listen(Number(process.env.PORT ?? 8000), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
