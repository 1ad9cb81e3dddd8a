import { once } from 'node:events'
import net from 'node:net'

/** What a process of clients is told: to open that many, or to wait until all have got what holds a text. */
export type ClientsOrder =
  | { readonly open: { readonly port: number; readonly targets: readonly Target[]; readonly count: number } }
  | { readonly await: { readonly text: string; readonly timeoutMs: number } }

/** Where a client connects, and as whom; clients take them in turn. */
export interface Target {
  readonly path: string
  readonly token: string
}

/** In milliseconds since 1970, which all processes of a machine share. */
export interface Arrivals {
  readonly arrived: number
  readonly last: number
}

/** How many handshakes are under way at once. */
const WAVE = 100

/** A WebSocket client that is hardly more than its socket: thousands of them must not cost more than what they measure. */
class Client {
  readonly #socket: net.Socket
  #seen: Buffer = Buffer.alloc(0)
  #text: string | undefined
  #found: (() => void) | undefined

  private constructor(socket: net.Socket) {
    this.#socket = socket
  }

  static async open(port: number, { path, token }: Target): Promise<Client> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    socket.write(
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nauthorization: Bearer ${token}\r\n\r\n`,
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    const head = answer.indexOf('\r\n\r\n')
    if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString())
    const client = new Client(socket)
    socket.on('data', (chunk) => client.#read(chunk))
    socket.on('error', () => {})
    client.#read(answer.subarray(head + 4))
    return client
  }

  /** Calls `found` when the next frame arrives that holds `text`. */
  expect(text: string, found: () => void): void {
    this.#text = text
    this.#found = found
  }

  #read(chunk: Buffer): void {
    let rest = this.#seen.length === 0 ? chunk : Buffer.concat([this.#seen, chunk])
    for (;;) {
      const frame = frameOf(rest)
      if (!frame) break
      rest = rest.subarray(frame.end)
      // A ping, which wants a pong; the mask may be zero.
      if (frame.opcode === 9)
        this.#socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | frame.payload.length, 0, 0, 0, 0]), frame.payload]))
      else if (this.#text !== undefined && frame.payload.includes(this.#text)) {
        this.#text = undefined
        this.#found?.()
      }
    }
    // Not a view of a chunk, which would keep all of it.
    this.#seen = rest.length === 0 ? EMPTY : Buffer.from(rest)
  }
}

const EMPTY = Buffer.alloc(0)

/** The first whole frame of a server, whose frames are not masked. */
function frameOf(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const start = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < start) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < start + length) return undefined
  return { opcode: bytes[0]! & 0x0f, payload: bytes.subarray(start, start + length), end: start + length }
}

const clients: Client[] = []

async function open({ port, targets, count }: { port: number; targets: readonly Target[]; count: number }) {
  while (clients.length < count) {
    const wave = Array.from({ length: Math.min(WAVE, count - clients.length) }, (_, place) =>
      Client.open(port, targets[(clients.length + place) % targets.length]!),
    )
    clients.push(...(await Promise.all(wave)))
  }
  return { opened: clients.length }
}

async function arrivals(text: string, timeoutMs: number): Promise<Arrivals> {
  let arrived = 0
  let last = 0
  const all = Promise.withResolvers<void>()
  for (const client of clients) {
    client.expect(text, () => {
      arrived += 1
      last = Date.now()
      if (arrived === clients.length) all.resolve()
    })
  }
  process.send?.({ ready: true })
  const timer = setTimeout(all.resolve, timeoutMs)
  await all.promise
  clearTimeout(timer)
  return { arrived, last }
}

process.on('message', (order: ClientsOrder) => {
  const work = 'open' in order ? open(order.open) : arrivals(order.await.text, order.await.timeoutMs)
  void work.then((result) => process.send?.(result))
})
