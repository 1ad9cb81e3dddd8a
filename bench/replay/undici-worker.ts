import { Client } from 'undici'

/** The bare loop that an ordered replay is measured beside: the same requests, one after the other, bodies read. */
const [url = '', count = '0'] = process.argv.slice(2)
const client = new Client(url)
const headers = ['Accept', '*/*', 'User-Agent', 'bench/1']
const began = performance.now()
for (let index = 0; index < Number(count); index += 1) {
  const { body } = await client.request({ path: `/api/v1/items/${index}`, method: 'GET', headers })
  await body.text()
}
process.send?.({ ms: performance.now() - began })
await client.close()
process.disconnect()
