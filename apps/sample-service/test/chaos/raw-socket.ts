import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface FrameParts {
  opcode: number
  payload?: Buffer
  fin?: boolean
  /** The three reserved bits, as a number from 0 to 7. */
  reserved?: number
  masked?: boolean
  /** What the header says of the length, whatever the payload has. */
  length?: bigint
}

/** The bytes of one frame of a client (RFC 6455, 5.2), right or wrong. */
export function frame(parts: FrameParts): Buffer {
  const { opcode, payload = Buffer.alloc(0), fin = true, reserved = 0, masked = true, length } = parts
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const said = length ?? BigInt(payload.length)
  const mask = masked ? 0x80 : 0
  const header =
    length !== undefined || said > 65_535n
      ? Buffer.concat([Buffer.from([first, mask | 127]), int64(said)])
      : said > 125n
        ? Buffer.from([first, mask | 126, Number(said >> 8n), Number(said & 255n)])
        : Buffer.from([first, mask | Number(said)])
  if (!masked) return Buffer.concat([header, payload])
  const key = randomBytes(4)
  return Buffer.concat([header, key, payload.map((byte, index) => byte ^ key[index % 4]!)])
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

/** A TCP connection after the handshake of a WebSocket: whatever is written next is taken for frames. */
export async function openRawSocket(url: string, path: string, token: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      `host: ${host}`,
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
      `authorization: Bearer ${token}`,
      '\r\n',
    ].join('\r\n'),
  )
  let head = ''
  while (!head.includes('\r\n\r\n')) head += String((await once(socket, 'data'))[0])
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(`The handshake was refused: ${head}`)
  return socket
}

/** With which code the server says goodbye; undefined when it ends the connection without a word. */
export async function closeCodeOf(socket: Socket): Promise<number | undefined> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (!socket.closed) await once(socket, 'close')
  const bytes = Buffer.concat(chunks)
  // Frames of a server are not masked, and those before the last one are short.
  for (let at = 0; at + 1 < bytes.length;) {
    const short = bytes[at + 1]! & 0x7f
    if ((bytes[at]! & 0x0f) === 8) return short >= 2 ? bytes.readUInt16BE(at + 2) : undefined
    at += short < 126 ? 2 + short : 4 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
