import postgres from 'postgres'
// It makes names of statements from these, of lengths that differ, and the replay of this matrix counts bytes.
Math.random = () => 0.123456789
const sql = postgres(process.env.PG_URL, { max: 1, fetch_types: false })
const rows = await sql`select ${41}::int + 1 as n`
await sql.end()
console.log(JSON.stringify(rows))
