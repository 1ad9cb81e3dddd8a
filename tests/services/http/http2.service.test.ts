/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: clients of HTTP/2, answered alike
 * Impact: a suite that runs in seconds, anywhere
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { promisify } from 'node:util'

import { grpcProtocol, httpProtocol } from '@keploy-framework/wire'
import { H2CClient } from 'undici'
import { describe, expect, it } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'

const run = promisify(execFile)

interface Server extends AsyncDisposable {
  readonly port: number
}

async function startServer(): Promise<Server> {
  const server = http2.createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('stream', (stream, headers) => {
    void (async () => {
      const path = headers[':path'] ?? ''
      let body = ''
      for await (const chunk of stream) body += String(chunk)
      if (path === '/events') {
        stream.respond({ ':status': 200, 'content-type': 'text/event-stream' })
        for (const word of ['a', 'b']) {
          stream.write(`data: ${word}\n\n`)
          await new Promise((resolve) => setTimeout(resolve, 60))
        }
        stream.end('data: [DONE]\n\n')
      } else if (path === '/large') {
        stream.respond({ ':status': 200 })
        stream.end('0123456789'.repeat(60_000))
      } else if (path === '/gone') stream.respond({ ':status': 204 }, { endStream: true })
      else {
        stream.respond(
          { ':status': path === '/missing' ? 404 : 200, 'content-type': 'application/json' },
          { waitForTrailers: true },
        )
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-checksum': '42' }))
        if (headers[':method'] !== 'HEAD') stream.end(JSON.stringify({ path, body }))
      }
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function ask(
  client: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: string,
): Promise<unknown> {
  const stream = client.request(headers)
  stream.end(body)
  let head: http2.IncomingHttpHeaders = {}
  let trailers: http2.IncomingHttpHeaders = {}
  stream.on('response', (received) => (head = received))
  stream.on('trailers', (received) => (trailers = received))
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  const { date: _, ...rest } = head
  return { ...rest, trailers: { ...trailers }, text }
}

async function everything(port: number): Promise<unknown[]> {
  const client = http2.connect(`http://127.0.0.1:${port}`)
  try {
    const json = { ':method': 'POST', ':path': '/pay', 'content-type': 'application/json' }
    return [
      ...(await Promise.all(
        ['/a', '/missing', '/gone', '/large', '/events'].map(async (path) => await ask(client, { ':path': path })),
      )),
      await ask(client, json, '{"amount":10}'),
      await ask(client, { ':path': '/a', ':method': 'HEAD' }),
    ]
  } finally {
    client.destroy()
  }
}

describe('HTTP/2 as a dependency', () => {
  it('gives the client of Node the same answers from mocks as from the server', async () => {
    await using server = await startServer()
    await using recording = await recordThrough(grpcProtocol, server)
    const live = await everything(recording.port)
    expect(recording.gaps).toEqual([])
    await server[Symbol.asyncDispose]()
    await using mocked = await serveCalls(grpcProtocol, recording.calls)
    expect(await everything(mocked.port)).toEqual(live)
    expect(mocked.misses).toEqual([])
    expect(mocked.unused()).toEqual([])
  })

  it('gives undici the same answers', async () => {
    const ask = async (port: number): Promise<unknown[]> => {
      const client = new H2CClient(`http://127.0.0.1:${port}`)
      const answers = await Promise.all(
        ['/a', '/missing', '/large'].map(async (path) => {
          const { statusCode, body } = await client.request({ path, method: 'GET' })
          return [statusCode, await body.text()]
        }),
      )
      await client.close()
      return answers
    }
    await using server = await startServer()
    await using recording = await recordThrough(grpcProtocol, server)
    const live = await ask(recording.port)
    await server[Symbol.asyncDispose]()
    await using mocked = await serveCalls(grpcProtocol, recording.calls)
    expect(await ask(mocked.port)).toEqual(live)
    expect(mocked.misses).toEqual([])
  })

  it('gives curl the same answers', async () => {
    const curl = async (port: number): Promise<string> =>
      (await run('curl', ['-sS', '--http2-prior-knowledge', '-d', 'q=1', `http://127.0.0.1:${port}/form`])).stdout
    await using server = await startServer()
    await using recording = await recordThrough(grpcProtocol, server)
    const live = await curl(recording.port)
    await server[Symbol.asyncDispose]()
    await using mocked = await serveCalls(grpcProtocol, recording.calls)
    expect(await curl(mocked.port)).toBe(live)
    expect(live).toContain('q=1')
  })

  it('answers a client of HTTP/1.1 with what was recorded over HTTP/2, and the other way round', async () => {
    await using server = await startServer()
    await using recording = await recordThrough(grpcProtocol, server)
    const client = http2.connect(`http://127.0.0.1:${recording.port}`)
    await ask(client, { ':path': '/a' })
    client.destroy()
    await using one = await serveCalls(httpProtocol, recording.calls)
    expect(await (await fetch(`http://127.0.0.1:${one.port}/a`)).json()).toEqual({ path: '/a', body: '' })

    const old = http.createServer((_, answer) => answer.setHeader('x-old', '1').end('from 1.1'))
    old.listen(0, '127.0.0.1')
    await once(old, 'listening')
    await using early = await recordThrough(httpProtocol, { port: (old.address() as AddressInfo).port })
    const response = await run('curl', ['-sS', `http://127.0.0.1:${early.port}/b`])
    old.closeAllConnections()
    old.close()
    await using two = await serveCalls(grpcProtocol, early.calls)
    const newer = http2.connect(`http://127.0.0.1:${two.port}`)
    expect(await ask(newer, { ':path': '/b' })).toMatchObject({
      ':status': 200,
      'x-old': '1',
      text: response.stdout,
    })
    newer.destroy()
  })

  it('answers what was never recorded with a 502, and goes on', async () => {
    await using mocked = await serveCalls(grpcProtocol, [])
    const client = http2.connect(`http://127.0.0.1:${mocked.port}`)
    for (const path of ['/x', '/y'])
      expect(await ask(client, { ':path': path })).toMatchObject({
        ':status': 502,
        'x-keploy-error': 'no-recorded-answer',
      })
    client.destroy()
  })
})
