import { Pool } from 'undici'
const pool = new Pool(process.env.HTTP_URL, { connections: 1 })
const answers = await Promise.all(
  ['/a', '/b', '/c'].map(async (path) => {
    const { statusCode, body } = await pool.request({ path, method: 'GET' })
    return [statusCode, await body.text()]
  }),
)
await pool.close()
console.log(JSON.stringify(answers))
