import { Client } from 'undici'
const client = new Client(process.env.H2_TLS_URL, { allowH2: true, connect: { rejectUnauthorized: false } })
const { statusCode, body } = await client.request({ path: '/h2', method: 'GET' })
console.log(JSON.stringify([statusCode, await body.text()]))
await client.destroy()
