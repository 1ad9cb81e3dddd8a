import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

// A process of its own, because both ends of 5,000 connections would not fit the descriptors of one.
const accepted: Socket[] = []
const origin = net.createServer((socket) => {
  accepted.push(socket)
  socket.on('error', () => {})
  socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
})
origin.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  process.send?.({ port: (origin.address() as AddressInfo).port })
})

async function open(port: number): Promise<Socket> {
  const socket = net.connect({ port, host: '127.0.0.1' })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return socket
}

async function connect(port: number, count: number): Promise<void> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const batch = Math.min(200, count - sockets.length)
    sockets.push(...(await Promise.all(Array.from({ length: batch }, () => open(port)))))
  }
  const last = sockets.at(-1)
  last?.write('GET / HTTP/1.1\r\n\r\n')
  last?.once('data', (chunk) => process.send?.({ answer: chunk.toString() }))
}

process.on('message', ({ port, count }: { port: number; count: number }) => void connect(port, count))
