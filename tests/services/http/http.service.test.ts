/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: APIs over HTTP/1.1
 * Impact: a suite that runs in seconds, anywhere
 */
import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

import { httpProtocol } from '@keploy-framework/wire'
import { Agent, Pool, request } from 'undici'
import { describe, expect, it } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'

interface Server extends AsyncDisposable {
  readonly port: number
}

async function startServer(listener: RequestListener): Promise<Server> {
  const server = http.createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of message) text += String(chunk)
  return text
}

const api: RequestListener = (incoming, answer) => void respond(incoming, answer)

async function respond(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { url = '/' } = incoming
  const body = await textOf(incoming)
  if (url === '/gzip') {
    answer.setHeader('content-encoding', 'gzip').setHeader('content-type', 'application/json')
    answer.end(gzipSync('{"packed":true}'))
  } else if (url === '/chunked') {
    answer.write('one ')
    answer.write('two')
    answer.end()
  } else if (url === '/nothing') answer.writeHead(204).end()
  else if (url === '/cached') answer.writeHead(304, { etag: '"1"' }).end()
  else if (url === '/binary') answer.end(Buffer.from([0xff, 0, 1, 2]))
  else if (url === '/cookies') answer.setHeader('set-cookie', ['a=1; Path=/', 'b=2']).end('ok')
  else if (url === '/close') {
    answer.useChunkedEncodingByDefault = false
    answer.setHeader('connection', 'close').removeHeader('content-length')
    answer.write('until ')
    answer.end('close')
  } else if (url === '/events') {
    answer.setHeader('content-type', 'text/event-stream')
    for (const word of ['Hel', 'lo']) {
      answer.write(`data: {"delta":"${word}"}\n\n`)
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    answer.end('data: [DONE]\n\n')
  } else {
    answer.setHeader('content-type', 'application/json').setHeader('x-made-by', 'api')
    answer.statusCode = url.startsWith('/missing') ? 404 : 200
    answer.end(JSON.stringify({ method: incoming.method, url, body }))
  }
}

/** What a client sees, but for dates. */
async function see(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init)
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'))
  return { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()).toString('latin1') }
}

async function everything(port: number): Promise<unknown[]> {
  const base = `http://127.0.0.1:${port}`
  const json = { 'content-type': 'application/json' }
  return [
    await see(`${base}/users?b=2&a=1`),
    await see(`${base}/users`, { method: 'POST', headers: json, body: '{"name":"Ann","n":1}' }),
    await see(`${base}/missing/1`, { method: 'DELETE' }),
    await see(`${base}/gzip`),
    await see(`${base}/chunked`),
    await see(`${base}/nothing`),
    await see(`${base}/cached`),
    await see(`${base}/binary`),
    await see(`${base}/cookies`),
    await see(`${base}/close`),
    await see(`${base}/events`),
    await see(`${base}/users`, { method: 'HEAD' }),
    await see(`${base}/form`, { method: 'POST', body: new URLSearchParams({ q: 'a&b=c d' }) }),
  ]
}

describe('HTTP/1.1 as a dependency', () => {
  it('gives fetch the same answers from mocks as from the server', async () => {
    await using server = await startServer(api)
    await using recording = await recordThrough(httpProtocol, server)
    const live = await everything(recording.port)
    expect(recording.gaps).toEqual([])
    await server[Symbol.asyncDispose]()
    await using mocked = await serveCalls(httpProtocol, recording.calls)
    expect(await everything(mocked.port)).toEqual(live)
    expect(mocked.misses).toEqual([])
    expect(mocked.unused()).toEqual([])
  })

  it('answers pipelined requests of undici in order, on fewer connections than were recorded', async () => {
    const ask = async (port: number, connections: number): Promise<string[]> => {
      const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 8 })
      const answers = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const { body } = await pool.request({ path: `/item/${index}`, method: 'GET' })
          return await body.text()
        }),
      )
      await pool.close()
      return answers
    }
    await using server = await startServer(api)
    await using recording = await recordThrough(httpProtocol, server)
    const live = await ask(recording.port, 4)
    await server[Symbol.asyncDispose]()
    await using mocked = await serveCalls(httpProtocol, recording.calls)
    expect(await ask(mocked.port, 1)).toEqual(live)
    expect(mocked.misses).toEqual([])
  })

  it('answers what was never recorded with a 502 that says so, and goes on', async () => {
    await using server = await startServer(api)
    await using recording = await recordThrough(httpProtocol, server)
    await see(`http://127.0.0.1:${recording.port}/users`)
    await using mocked = await serveCalls(httpProtocol, recording.calls)
    const agent = new Agent({ connections: 1 })
    const origin = `http://127.0.0.1:${mocked.port}`
    const missed = await request(`${origin}/other?x=1`, { dispatcher: agent })
    expect(missed.statusCode).toBe(502)
    expect(await missed.body.json()).toEqual({
      error: 'keploy: no recorded answer',
      message: `nothing recorded answers GET 127.0.0.1:${mocked.port}/other?x=1`,
    })
    expect((await fetch(`${origin}/users`, { headers: { 'x-tenant': 'b' } })).status).toBe(502)
    expect((await fetch(`${origin}/users`)).status).toBe(200)
    await agent.close()
  })

  it('keeps the time between events of a stream when asked to', async () => {
    await using server = await startServer(api)
    await using recording = await recordThrough(httpProtocol, server)
    await (await fetch(`http://127.0.0.1:${recording.port}/events`)).text()
    const [call] = recording.calls
    expect(call?.response).toMatchObject({ stream: { kind: 'sse' } })
    const arrivals = async (keepTiming: boolean): Promise<number> => {
      await using mocked = await serveCalls(httpProtocol, recording.calls, { keepTiming })
      const response = await fetch(`http://127.0.0.1:${mocked.port}/events`)
      const from = performance.now()
      expect(await response.text()).toBe('data: {"delta":"Hel"}\n\ndata: {"delta":"lo"}\n\ndata: [DONE]\n\n')
      return performance.now() - from
    }
    expect(await arrivals(true)).toBeGreaterThan(90)
    expect(await arrivals(false)).toBeLessThan(60)
  })

  it('asks a client that waits for 100 Continue to go on', async () => {
    const ask = async (port: number): Promise<[boolean, string]> => {
      let continued = false
      const sent = http.request({
        port,
        host: '127.0.0.1',
        method: 'PUT',
        path: '/upload',
        headers: { expect: '100-continue' },
      })
      sent.on('continue', () => {
        continued = true
        sent.end('payload')
      })
      sent.flushHeaders()
      const [answer] = (await once(sent, 'response')) as [IncomingMessage]
      return [continued, await textOf(answer)]
    }
    await using server = await startServer(api)
    await using recording = await recordThrough(httpProtocol, server)
    const live = await ask(recording.port)
    await using mocked = await serveCalls(httpProtocol, recording.calls)
    expect(await ask(mocked.port)).toEqual(live)
    expect(live[0]).toBe(true)
  })

  it('repeats an answer that broke off, and a connection that ended without an answer', async () => {
    await using server = await startServer((incoming, answer) => {
      if (incoming.url === '/none') incoming.socket.destroy()
      else {
        answer.setHeader('content-length', '100').write('only this')
        setTimeout(() => incoming.socket.end(), 30)
      }
    })
    const ask = async (port: number): Promise<string[]> =>
      await Promise.all(
        ['/none', '/half'].map(async (path) => {
          try {
            return await (await fetch(`http://127.0.0.1:${port}${path}`)).text()
          } catch (error) {
            return String(((error as Error).cause as NodeJS.ErrnoException).code)
          }
        }),
      )
    await using recording = await recordThrough(httpProtocol, server)
    const live = await ask(recording.port)
    expect(recording.calls.map(({ state }) => state)).toEqual(['aborted', 'aborted'])
    await using mocked = await serveCalls(httpProtocol, recording.calls)
    expect(await ask(mocked.port)).toEqual(live)
  })

  it('serves the messages of a recorded WebSocket connection', async () => {
    await using fake = await startEcho()
    const talk = async (port: number): Promise<string[]> => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/live`)
      const heard: string[] = []
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener('error', () => reject(new Error('the connection failed')))
        socket.addEventListener('open', () => socket.send('one'))
        socket.addEventListener('message', ({ data }) => {
          heard.push(String(data))
          if (heard.length === 2) socket.send('two')
          if (heard.length === 3) socket.close(1000)
        })
        socket.addEventListener('close', () => resolve())
      })
      return heard
    }
    await using recording = await recordThrough(httpProtocol, fake)
    const live = await talk(recording.port)
    expect(live).toEqual(['welcome', 'echo one', 'echo two'])
    await expect.poll(() => recording.calls.length).toBe(1)
    await using mocked = await serveCalls(httpProtocol, recording.calls)
    expect(await talk(mocked.port)).toEqual(live)
  })
})

/** A WebSocket server of few lines: there is none in the repository. */
async function startEcho(): Promise<Server> {
  const { encodeFrame, WebSocketParser, websocketAccept } = await import('@keploy-framework/wire')
  const server = http.createServer()
  server.on('upgrade', (incoming, socket: net.Socket) => {
    const accept = websocketAccept(String(incoming.headers['sec-websocket-key']))
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    const say = (text: string): void => void socket.write(encodeFrame(Buffer.from(text), { opcode: 1 }))
    say('welcome')
    const parser = new WebSocketParser()
    socket.on('data', (chunk) => {
      for (const data of parser.push(chunk)) {
        if (data.type === 'text') say(`echo ${data.text}`)
        if (data.type === 'close') socket.end(encodeFrame(Buffer.from([3, 232]), { opcode: 8 }))
      }
    })
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
