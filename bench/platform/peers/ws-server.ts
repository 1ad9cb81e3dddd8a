import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A bare `ws` server that sends a text to all its clients. */
const require = createRequire(new URL('../../../apps/sample-service/package.json', import.meta.url))
const { WebSocketServer } = require('ws') as {
  WebSocketServer: new (options: object) => {
    clients: Set<{ send(text: string): void }>
    address(): { port: number }
    once(event: string, listener: () => void): void
  }
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 4_096 })
server.once('listening', () => process.send?.({ port: server.address().port }))

process.on('message', ({ broadcast }: { broadcast: string }) => {
  for (const client of server.clients) client.send(broadcast)
  const status = readFileSync('/proc/self/status', 'utf8')
  process.send?.({ memory: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024 })
})
