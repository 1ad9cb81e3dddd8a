import postgres from 'postgres'
const sql = postgres(process.env.PG_URL, { max: 1, fetch_types: false })
const rows = await sql`select ${41}::int + 1 as n`
await sql.end()
console.log(JSON.stringify(rows))
