const { Pool } = require('pg')
async function main() {
  const pool = new Pool({ connectionString: process.env.PG_URL, max: 1 })
  const rows = []
  for (let n = 0; n < 5; n++) rows.push((await pool.query('select $1::int as n', [n])).rows[0].n)
  await pool.end()
  console.log(JSON.stringify(rows))
}
main()
