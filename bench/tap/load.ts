import net from 'node:net'

/** What one load run saw. */
export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly errors: number
}

interface LoadOptions {
  readonly port: number
  readonly connections: number
  readonly warmupMs: number
  readonly durationMs: number
}

const BODY = JSON.stringify({ name: 'Ada', tags: ['a', 'b'], note: 'a small body of JSON' })
const REQUEST = Buffer.from(
  `POST /items?page=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nUser-Agent: load\r\nAuthorization: Bearer b6Fq0s8Zt1vXw3Yc5Ae7Gi9Kl2Mn4Op\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
)

/** Whether `text` holds one whole response, and nothing more is expected. */
function whole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return false
  const lower = text.slice(0, end).toLowerCase()
  const length = lower.indexOf('content-length:')
  if (length !== -1) return text.length >= end + 4 + Number.parseInt(lower.slice(length + 15), 10)
  return text.endsWith('0\r\n\r\n')
}

/** One keep-alive connection that sends a request, waits for the whole response, and sends the next. */
function drive(port: number, state: { requests: number; errors: number; running: boolean }): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    let seen = ''
    socket.on('connect', () => socket.write(REQUEST))
    socket.on('data', (chunk: Buffer) => {
      seen = seen === '' ? chunk.toString('latin1') : seen + chunk.toString('latin1')
      if (!whole(seen)) return
      if (!seen.startsWith('HTTP/1.1 200')) state.errors += 1
      seen = ''
      state.requests += 1
      if (state.running) socket.write(REQUEST)
      else socket.end()
    })
    socket.on('error', () => {
      state.errors += 1
    })
    socket.on('close', () => resolve())
  })
}

async function load(options: LoadOptions): Promise<LoadResult & { total: number }> {
  const state = { requests: 0, errors: 0, running: true }
  const all = Promise.all(Array.from({ length: options.connections }, () => drive(options.port, state)))
  await new Promise((resolve) => setTimeout(resolve, options.warmupMs))
  const before = state.requests
  const started = performance.now()
  await new Promise((resolve) => setTimeout(resolve, options.durationMs))
  const requests = state.requests - before
  const seconds = (performance.now() - started) / 1000
  state.running = false
  await all
  return { requests, seconds, errors: state.errors, total: state.requests }
}

process.on('message', (options: LoadOptions) => {
  void load(options).then((result) => process.send?.(result))
})
