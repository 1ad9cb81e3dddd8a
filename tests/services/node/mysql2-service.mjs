// Orders in MySQL or MariaDB through mysql2: text and prepared statements, a transaction, numbers of the database.
import { randomUUID } from 'node:crypto'

import mysql from 'mysql2/promise'

import { serve } from './serve.mjs'

const pool = mysql.createPool({ uri: process.env.MYSQL_URL, connectionLimit: 4, timezone: 'Z' })
await pool.query(`create table if not exists orders
  (number int auto_increment primary key, id char(36) unique, item varchar(100) unique, amount decimal(8,2), at datetime(3))`)
const LIST = process.env.LIST_SQL ?? 'select * from orders order by number'

serve(
  {
    'POST /orders': async ({ body }) => {
      const connection = await pool.getConnection()
      try {
        await connection.beginTransaction()
        const values = [randomUUID(), body.item, body.amount, new Date()]
        await connection.execute('insert into orders (id, item, amount, at) values (?, ?, ?, ?)', values)
        const [rows] = await connection.query('select * from orders where id = ?', [values[0]])
        await connection.commit()
        return [201, rows[0]]
      } catch (error) {
        await connection.rollback()
        return [409, { error: error.message }]
      } finally {
        connection.release()
      }
    },
    'GET /orders': async () => [200, (await pool.query(LIST))[0]],
    'GET /orders/:id': async ({ params: { id } }) => {
      const [rows] = await pool.execute('select * from orders where id = ?', [id])
      return rows.length === 0 ? [404, { error: 'no such order' }] : [200, rows[0]]
    },
    'PUT /orders/:id': async ({ params: { id }, body }) => {
      const [{ affectedRows }] = await pool.execute('update orders set amount = ? where id = ?', [body.amount, id])
      return [200, { changed: affectedRows }]
    },
    'GET /wrong': async () => [200, (await pool.query('select nothing from nowhere'))[0]],
  },
  () => pool.end(),
)
