import net from 'node:net'
let text = ''
const buffer = Buffer.alloc(64)
const { hostname, port } = new URL(process.env.HTTP_URL)
const socket = net.connect({
  host: hostname,
  port: Number(port),
  onread: { buffer, callback: (length, bytes) => void (text += bytes.toString('latin1', 0, length)) },
})
socket.write('GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
await new Promise((resolve) => socket.on('close', resolve))
console.log(JSON.stringify([text.split('\r\n')[0], text.endsWith('/a')]))
