import { getLocal } from 'mockttp'

import { originPort, tellPort } from './ready.ts'

// Recording, as its users do it: each request is passed on, and each request and response is told with its body.
const server = getLocal({ recordTraffic: false })
await server.start()
await server.forAnyRequest().thenForwardTo(`http://127.0.0.1:${originPort()}`)
let seen = 0
await server.on('request', (request) => void request.body.getText())
await server.on('response', (response) => void keep(response.body))
async function keep(body: { getText(): Promise<string | undefined> }): Promise<void> {
  await body.getText()
  seen += 1
}
process.on('message', () => process.send?.({ exchanges: seen }))
tellPort(server.port)
