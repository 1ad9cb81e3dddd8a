import mysql from 'mysql2/promise'
const connection = await mysql.createConnection({ uri: process.env.MYSQL_TLS_URL, ssl: { rejectUnauthorized: false } })
const [rows] = await connection.query('select 41 + 1 as n')
const { encrypted } = connection.connection.stream
await connection.end()
console.log(JSON.stringify([rows, encrypted]))
