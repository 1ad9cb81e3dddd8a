import mysql from 'mysql2/promise'
const connection = await mysql.createConnection(process.env.MYSQL_URL)
const [rows] = await connection.query('select 41 + 1 as n')
const [prepared] = await connection.execute('select ? as t', ['ä'])
await connection.end()
console.log(JSON.stringify([rows, prepared]))
