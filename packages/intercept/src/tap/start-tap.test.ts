import { execFile, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { promisify } from 'node:util'

import type { CodecEvent } from '@keploy-framework/wire'
import { Agent, request } from 'undici'
import { describe, expect, test, vi } from 'vitest'

import { serve, until } from '../../test/both-ways.ts'
import { createLocalCertificate, startTap } from '../index.ts'
import type { Tap, TapOptions } from '../index.ts'

vi.setConfig({ testTimeout: 30_000 })

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

function portOf(tap: Tap): number {
  if (!('port' in tap.address)) throw new Error('the tap listens on a path')
  return tap.address.port
}

async function open(tap: Tap): Promise<Socket> {
  const socket = net.connect({ port: portOf(tap), host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

async function startHttp(
  handler: http.RequestListener,
  create: (handler: http.RequestListener) => http.Server = (one) => http.createServer(one),
) {
  const server = create(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function collect(options: Partial<TapOptions> & Pick<TapOptions, 'target'>) {
  const events: CodecEvent[] = []
  return { events, started: startTap({ listen: {}, onEvent: (event) => events.push(event), ...options }) }
}

const answerOk = (socket: Socket) => {
  socket.on('error', () => {})
  socket.on('data', () => socket.write(OK))
  socket.on('end', () => socket.end())
}

describe('real clients and servers', () => {
  const echo: http.RequestListener = (incoming, response) => {
    response.setHeader('x-target', incoming.url ?? '')
    response.setHeader('trailer', 'x-sum')
    incoming.on('end', () => response.addTrailers({ 'x-sum': '1' }))
    incoming.pipe(response)
  }
  const body = JSON.stringify({ text: 'é'.repeat(5000) })

  test('undici, fetch and node:http get their bodies back, and each is an exchange', async () => {
    await using origin = await startHttp(echo)
    const { events, started } = collect({ target: { host: '127.0.0.1', port: origin.port } })
    await using tap = await started
    const url = `http://127.0.0.1:${portOf(tap)}`
    const agent = new Agent({ pipelining: 4, connections: 1 })
    const many = Array.from({ length: 8 }, async (_, index) => {
      const answer = await request(`${url}/${index}`, { method: 'PUT', body, dispatcher: agent })
      return answer.body.text()
    })
    expect(await Promise.all(many)).toEqual(Array.from({ length: 8 }, () => body))
    await agent.close()
    const fetched = await fetch(`${url}/fetch`, { method: 'POST', body })
    expect(await fetched.text()).toBe(body)
    const answer = await new Promise<http.IncomingMessage>((resolve) => {
      http.request(`${url}/http`, { method: 'POST', headers: { expect: '100-continue' } }, resolve).end(body)
    })
    expect(Buffer.concat(await answer.toArray()).toString()).toBe(body)
    const closed = events.filter((event) => event.type === 'close').map((event) => event.exchange)
    expect(closed).toHaveLength(10)
    for (const exchange of closed) {
      expect(Buffer.from(exchange.response?.body.bytes ?? []).toString()).toBe(body)
      expect(exchange).toMatchObject({ state: 'complete', response: { trailers: [['x-sum', '1']] } })
    }
    expect(tap.stats()).toMatchObject({ exchanges: 10, gaps: 0 })
  })

  const hasCurl = process.env['PATH'] !== undefined && process.platform !== 'win32'

  test.skipIf(!hasCurl)('curl uploads with Expect and keeps the connection', async ({ skip }) => {
    await using origin = await startHttp(echo)
    const { started } = collect({ target: { host: '127.0.0.1', port: origin.port } })
    await using tap = await started
    const url = `http://127.0.0.1:${portOf(tap)}/curl`
    const args = ['-sS', '-H', 'Expect: 100-continue', '--data-binary', body, url, url]
    const outcome = await promisify(execFile)('curl', args).catch((error: NodeJS.ErrnoException) => error)
    if (outcome instanceof Error && outcome.code === 'ENOENT') skip('curl is not installed')
    expect(outcome).toMatchObject({ stdout: body + body })
    expect(tap.stats()).toMatchObject({ connections: 1, exchanges: 2, gaps: 0 })
  })
})

describe('the order of things', () => {
  test('what a client can see was told before, and kept by beforeRelease', async () => {
    await using origin = await serve(answerOk)
    const told: string[] = []
    const kept: string[] = []
    await using tap = await startTap({
      listen: {},
      target: origin.target,
      onEvent: (event) => told.push(event.type),
      beforeRelease: () => kept.push(...told.splice(0)),
    })
    const socket = await open(tap)
    for (let count = 1; count <= 20; count += 1) {
      socket.write(GET)
      await until(socket, 'ok')
      expect(kept.filter((type) => type === 'close')).toHaveLength(count)
    }
    socket.destroy()
  })

  test('a failing listener and a failing journal are counted, and traffic flows on', async () => {
    await using origin = await serve(answerOk)
    const onEvent = vi.fn<(event: CodecEvent) => void>(() => {
      throw new Error('listener')
    })
    const beforeRelease = () => {
      throw new Error('disk full')
    }
    await using tap = await startTap({ listen: {}, target: origin.target, onEvent, beforeRelease })
    const socket = await open(tap)
    for (let count = 0; count < 3; count += 1) {
      socket.write(GET)
      await until(socket, 'ok')
    }
    expect(tap.stats()).toMatchObject({ exchanges: 3 })
    expect(tap.stats().gaps).toBeGreaterThanOrEqual(15)
    expect(onEvent).toHaveBeenCalledWith(
      expect.objectContaining({ type: 'gap', reason: expect.stringContaining('disk full') as string }),
    )
    socket.destroy()
  })
})

describe('backpressure', () => {
  test('a client that does not read stops the service, and gets every byte once it does', async () => {
    const size = 64 * 1024 * 1024
    const block = Buffer.alloc(256 * 1024, 'abcdefgh')
    let writing: Socket | undefined
    await using origin = await serve((socket) => {
      writing = socket
      let sent = 0
      const more = () => {
        while (sent < size) {
          sent += block.length
          if (!socket.write(block)) return
        }
        socket.end()
      }
      socket.on('drain', more)
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
        more()
      })
    })
    const { started } = collect({ target: origin.target })
    await using tap = await started
    const socket = await open(tap)
    socket.write(GET)
    socket.pause()
    // It has come to rest when the service waits, and nothing moves over many turns.
    let still = 0
    let last = -1
    await vi.waitFor(
      () => {
        const { bytesOut } = tap.stats()
        still = bytesOut === last && (writing?.writableLength ?? 0) > 0 ? still + 1 : 0
        last = bytesOut
        expect(still).toBeGreaterThan(20)
      },
      { interval: 5, timeout: 20_000 },
    )
    // What has passed fills the buffers of the sockets, not those of the tap.
    expect(tap.stats().bytesOut).toBeLessThan(size / 4)
    const hash = createHash('sha256')
    let received = 0
    socket.on('data', (chunk) => {
      received += chunk.length
      hash.update(chunk)
    })
    socket.resume()
    await once(socket, 'end')
    socket.end()
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`
    const expected = createHash('sha256').update(head)
    for (let sent = 0; sent < size; sent += block.length) expected.update(block)
    expect(received).toBe(size + head.length)
    expect(hash.digest('hex')).toBe(expected.digest('hex'))
  })

  test('a service that does not read stops the client', async () => {
    let accepted: Socket | undefined
    await using origin = await serve((socket) => {
      accepted = socket
      socket.pause()
    })
    const { started } = collect({ target: origin.target })
    await using tap = await started
    const socket = await open(tap)
    const size = 64 * 1024 * 1024
    socket.write(`POST / HTTP/1.1\r\nContent-Length: ${size}\r\n\r\n`)
    socket.write(Buffer.alloc(size))
    let still = 0
    let last = -1
    await vi.waitFor(
      () => {
        const { bytesIn } = tap.stats()
        still = bytesIn === last && bytesIn > 0 ? still + 1 : 0
        last = bytesIn
        expect(still).toBeGreaterThan(20)
      },
      { interval: 5, timeout: 20_000 },
    )
    expect(tap.stats().bytesIn).toBeLessThan(size / 4)
    accepted?.resume()
    await vi.waitFor(() => expect(tap.stats().bytesIn).toBeGreaterThan(size), { timeout: 20_000 })
    socket.destroy()
    await tap.close({ graceMs: 0 })
  })
})

describe('trouble', () => {
  test('a service that refuses is a gap, and the client sees its connection reset', async () => {
    const gone = await serve(() => {})
    await gone[Symbol.asyncDispose]()
    const { events, started } = collect({ target: gone.target })
    await using tap = await started
    const socket = net.connect({ port: portOf(tap), host: '127.0.0.1' })
    const [error] = await once(socket, 'error').catch((reason: unknown) => [reason])
    expect(error).toMatchObject({ code: 'ECONNRESET' })
    expect(events).toMatchObject([{ type: 'gap', reason: 'could not connect to the service: ECONNREFUSED' }])
    await vi.waitFor(() => expect(tap.stats().active).toBe(0))
  })

  test('an address in use says what to do', async () => {
    await using origin = await serve(() => {})
    const { host, port } = origin.target as { host: string; port: number }
    const failed = startTap({ listen: { host, port }, target: origin.target, onEvent: () => {} })
    await expect(failed).rejects.toMatchObject({
      code: 'KEPLOY_TAP_PORT_IN_USE',
      message: `Cannot listen on ${host}:${port}: it is in use. Stop what listens there, or choose another with --listen.`,
    })
    const elsewhere = startTap({ listen: { host: '192.0.2.1' }, target: origin.target, onEvent: () => {} })
    await expect(elsewhere).rejects.toMatchObject({ code: 'KEPLOY_TAP_LISTEN' })
  })

  test('5,000 idle connections are held, and another one is served beside them', async () => {
    const child = fork(new URL('../../test/idle-clients.ts', import.meta.url), { execArgv: [] })
    try {
      const [{ port }] = (await once(child, 'message')) as [{ port: number }]
      const { started } = collect({ target: { host: '127.0.0.1', port } })
      await using tap = await started
      child.send({ port: portOf(tap), count: 5000 })
      const [message] = (await once(child, 'message')) as [{ answer: string }]
      expect(message.answer).toBe(OK)
      const all = { connections: 5000, active: 5000, exchanges: 1 }
      await vi.waitFor(() => expect(tap.stats()).toMatchObject(all), { timeout: 30_000 })
      await tap.close({ graceMs: 0 })
      expect(tap.stats().active).toBe(0)
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  }, 60_000)
})

describe('closing', () => {
  test('idle connections end at once, without waiting for the grace', async () => {
    await using origin = await serve(answerOk)
    const { started } = collect({ target: origin.target })
    const tap = await started
    const socket = await open(tap)
    socket.write(GET)
    await until(socket, 'ok')
    socket.on('end', () => socket.end())
    await tap.close({ graceMs: 60_000 })
    expect(tap.stats().active).toBe(0)
  })

  test('an exchange under way is waited for', async () => {
    const parts: Socket[] = []
    await using origin = await serve((socket) => {
      socket.once('data', () => {
        socket.write(OK.slice(0, -1))
        parts.push(socket)
      })
    })
    const { events, started } = collect({ target: origin.target })
    const tap = await started
    const socket = await open(tap)
    socket.write(GET)
    await until(socket, '\r\n\r\no')
    socket.on('end', () => socket.end())
    const closed = Promise.all([tap.close({ graceMs: 60_000 }), tap.close()])
    parts[0]?.end('k')
    await closed
    expect(events.at(-1)).toMatchObject({ type: 'close', exchange: { state: 'complete' } })
  })

  test('what outlasts the grace is broken off, and told as open', async () => {
    await using origin = await serve((socket) => socket.resume().on('error', () => {}))
    const { events, started } = collect({ target: origin.target })
    const tap = await started
    const socket = await open(tap)
    socket.write(GET)
    await vi.waitFor(() => expect(events).toHaveLength(2))
    await tap.close({ graceMs: 10 })
    expect(events.at(-1)).toMatchObject({ type: 'close', exchange: { state: 'open' } })
    socket.destroy()
  })
})

describe('TLS', () => {
  test('HTTPS is read at the tap, towards a plain service and towards an HTTPS one', async () => {
    const service = createLocalCertificate({ hosts: ['localhost'] })
    const local = createLocalCertificate({ hosts: ['localhost', '127.0.0.1', '::1', 'fe80::1:2'] })
    const answer: http.RequestListener = (_, response) => response.end('secure')
    await using plain = await startHttp(answer)
    await using secure = await startHttp(answer, (handler) => https.createServer(service, handler))
    const targets = [
      { host: '127.0.0.1', port: plain.port },
      { host: 'localhost', port: secure.port, tls: { ca: service.cert } },
    ]
    for (const target of targets) {
      const { events, started } = collect({ target, tls: local })
      await using tap = await started
      const dispatcher = new Agent({ connect: { ca: local.cert } })
      const got = await request(`https://localhost:${portOf(tap)}/a`, { dispatcher })
      expect(await got.body.text()).toBe('secure')
      await dispatcher.close()
      expect(events.at(-1)).toMatchObject({ type: 'close', exchange: { state: 'complete', request: { target: '/a' } } })
    }
  })

  test('a client that does not trust the tap is a gap', async () => {
    await using origin = await serve(answerOk)
    const { events, started } = collect({ target: origin.target, tls: createLocalCertificate() })
    await using tap = await started
    const failed = request(`https://localhost:${portOf(tap)}/`)
    await expect(failed).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const plain = await open(tap)
    plain.end(GET)
    await vi.waitFor(() => {
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'gap', reason: expect.stringContaining('TLS handshake') as string }),
      )
    })
    plain.destroy()
  })

  test('a service that breaks breaks the connection of an HTTPS client', async () => {
    await using origin = await serve((socket) => socket.on('data', () => socket.resetAndDestroy()))
    const local = createLocalCertificate()
    const { started } = collect({ target: origin.target, tls: local })
    await using tap = await started
    const dispatcher = new Agent({ connect: { ca: local.cert } })
    const failed = request(`https://localhost:${portOf(tap)}/`, { dispatcher })
    await expect(failed).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' })
    await vi.waitFor(() => expect(tap.stats().active).toBe(0))
    await dispatcher.close()
  })

  test('a service whose certificate is not trusted is not talked to', async () => {
    const service = createLocalCertificate()
    await using secure = await startHttp(
      (_, response) => response.end('secret'),
      (handler) => https.createServer(service, handler),
    )
    const { events, started } = collect({ target: { host: 'localhost', port: secure.port, tls: true } })
    await using tap = await started
    await expect(request(`http://127.0.0.1:${portOf(tap)}/`)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(events.find((event) => event.type === 'gap')).toMatchObject({
      reason:
        'could not connect to the service: its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT); see NODE_EXTRA_CA_CERTS',
    })
  })
})
