import pg from 'pg'
const client = new pg.Client({ connectionString: process.env.PG_TLS_URL, ssl: { rejectUnauthorized: false } })
await client.connect()
const { rows } = await client.query('select 6 * 7 as n')
const { encrypted, authorized } = client.connection.stream
await client.end()
console.log(JSON.stringify({ rows, encrypted, authorized: typeof authorized }))
