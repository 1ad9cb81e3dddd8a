import pg from 'pg'
const client = new pg.Client({ connectionString: process.env.PG_URL })
await client.connect()
const { rows } = await client.query('select $1::int + 1 as n, $2::text as t', [41, 'ä'])
const failed = await client.query('select nothing from nowhere').catch((error) => error.code)
await client.end()
console.log(JSON.stringify({ rows, failed }))
