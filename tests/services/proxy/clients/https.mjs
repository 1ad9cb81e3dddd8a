import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'

for (const url of process.argv.slice(2)) {
  const { get } = url.startsWith('https') ? https : http
  const [response] = await once(get(url), 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  console.log(text)
}
