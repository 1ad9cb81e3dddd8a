import { createHash } from 'node:crypto'

import type { StreamItem, TestCase, TestResult } from '@keploy-framework/format'
import { encodeFrame, WEBSOCKET_OPCODES, WebSocketParser } from '@keploy-framework/wire'
import { describe, expect, it } from 'vitest'

import { planRun } from '../plan/plan-run.ts'
import { sourceOf } from '../plan/set-source.ts'
import { httpTest, testSet } from '../testing/http-test.ts'
import { listen, type Listening } from '../testing/servers.ts'
import type { RunOptions } from './run-options.ts'
import { executePlan } from './run-plan.ts'

async function run(test: TestCase, options: RunOptions): Promise<TestResult | undefined> {
  const result = await executePlan(planRun([sourceOf(testSet([test]))]), options, () => undefined)
  return result.sets[0]?.tests[0]
}

const item = (data: StreamItem['data'], from: StreamItem['from'] = 'server'): StreamItem => ({ at: 0, from, data })
const event = (data: string): StreamItem => item({ type: 'sse', data })
const text = (value: string, from: StreamItem['from'] = 'server'): StreamItem =>
  item({ type: 'text', text: value }, from)

function streamTest(kind: 'sse' | 'ndjson', items: StreamItem[], type: string): TestCase {
  return httpTest('a', { responseHeaders: [['Content-Type', type]], responseBody: { type: 'stream', kind, items } })
}

describe('a stream', () => {
  it('that never ends is read as far as it was recorded', async () => {
    await using api = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write('data: one\n\ndata: two\n\n')
    })
    const test = streamTest('sse', [event('one'), event('two')], 'text/event-stream')
    expect((await run(test, { url: api.url }))?.failures).toEqual([])
  })

  it('fails on an event too many, on another one, and on one that is missing', async () => {
    const serve = (sent: string): Promise<Listening> =>
      listen((_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' })
        response.end(sent)
      })
    const test = streamTest('sse', [event('one'), event('two')], 'text/event-stream')
    for (const sent of ['data: one\n\ndata: two\n\ndata: three\n\n', 'data: one\n\ndata: 2\n\n', 'data: one\n\n']) {
      await using api = await serve(sent)
      expect((await run(test, { url: api.url }))?.status).toBe('failed')
    }
  })

  it('of lines is compared line by line', async () => {
    await using api = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
      response.end('{"a":1}\n{"b": 2}')
    })
    const lines = ['{"a":1}', '{"b":2}'].map((line) => item({ type: 'ndjson', line }))
    expect((await run(streamTest('ndjson', lines, 'application/x-ndjson'), { url: api.url }))?.failures).toEqual([])
  })

  it('that stalls is a time-out', async () => {
    await using api = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write('data: one\n\n')
    })
    const test = streamTest('sse', [event('one'), event('two')], 'text/event-stream')
    const result = await run(test, { url: api.url, testTimeoutMs: 200 })
    expect(result?.failures[0]?.kind).toBe('timeout')
  })
})

/** A WebSocket service that greets and echoes, written on bare frames. */
function echo(options: { greeting?: string; upgrade?: boolean } = {}): Promise<Listening> {
  const started = listen((_request, response) => {
    response.statusCode = 426
    response.end('ok')
  })
  return started.then((api) => {
    if (options.upgrade === false) return api
    api.server.on('upgrade', (request: import('node:http').IncomingMessage, socket: import('node:net').Socket) => {
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
      const accept = createHash('sha1').update(key).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      socket.on('error', () => undefined)
      if (options.greeting !== undefined) socket.write(encodeFrame(Buffer.from(options.greeting), { opcode: 1 }))
      socket.write(encodeFrame(Buffer.from('p'), { opcode: WEBSOCKET_OPCODES.ping }))
      const parser = new WebSocketParser()
      socket.on('data', (chunk) => {
        for (const data of parser.push(chunk)) {
          if (data.type === 'text') socket.write(encodeFrame(Buffer.from(`echo ${data.text}`), { opcode: 1 }))
          if (data.type === 'binary') socket.write(encodeFrame(data.bytes, { opcode: 2 }))
          if (data.type === 'close') socket.end(encodeFrame(Buffer.from([3, 232]), { opcode: 8 }))
        }
      })
    })
    return api
  })
}

function socketTest(items: StreamItem[]): TestCase {
  return httpTest('talk', {
    status: 101,
    headers: [
      ['Host', 'localhost:8080'],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
    ],
    responseHeaders: [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
    ],
    responseBody: { type: 'empty' },
    stream: { kind: 'websocket', items },
  })
}

describe('a WebSocket conversation', () => {
  const said = [
    text('hello'),
    text('a', 'client'),
    text('echo a'),
    item({ type: 'binary', bytes: Buffer.from([1, 2]) }, 'client'),
    item({ type: 'binary', bytes: Buffer.from([1, 2]) }),
    item({ type: 'close', code: 1000, reason: '' }, 'client'),
    item({ type: 'close', code: 1000, reason: '' }),
  ]

  it('passes when the service says what it said before', async () => {
    await using api = await echo({ greeting: 'hello' })
    const result = await run(socketTest(said), { url: api.url })
    expect(result?.failures).toEqual([])
    expect(result?.status).toBe('passed')
  })

  it('answers with the values that the service has shown in it', async () => {
    const recorded = (id: string, token: string): string => JSON.stringify({ id, token })
    const before = recorded('3f2c8a52-7b1d-4c9e-9f60-0a1b2c3d4e5f', '{{secret.3}}')
    const now = recorded('11111111-7b1d-4c9e-9f60-0a1b2c3d4e5f', 'live-token-1')
    await using api = await echo({ greeting: now })
    const talk = [text(before), text(before, 'client'), text(`echo ${before}`)]
    const result = await run(socketTest(talk), { url: api.url, env: {} })
    expect(result?.failures).toEqual([])
    expect(result?.bound.map(({ live }) => live)).toEqual(['11111111-7b1d-4c9e-9f60-0a1b2c3d4e5f', '(secret)'])
    const parrot = await run(socketTest([text('hello'), text(before, 'client')]), { url: api.url, env: {} })
    expect(parrot?.status).toBe('blocked')
  })

  it('is ended by us when the recording ends before it', async () => {
    await using api = await echo({ greeting: 'hello' })
    expect((await run(socketTest(said.slice(0, 3)), { url: api.url }))?.failures).toEqual([])
  })

  it('fails when the service says something else, more, or nothing', async () => {
    await using other = await echo({ greeting: 'good evening' })
    expect((await run(socketTest(said), { url: other.url }))?.status).toBe('failed')
    await using more = await echo({ greeting: 'hello' })
    expect((await run(socketTest([]), { url: more.url }))?.status).toBe('failed')
    await using silent = await echo()
    expect((await run(socketTest([text('hello')]), { url: silent.url, testTimeoutMs: 200 }))?.status).toBe('failed')
  })

  it('fails with the plain response when the service does not upgrade', async () => {
    await using api = await echo({ upgrade: false })
    const result = await run(socketTest(said), { url: api.url })
    expect(result?.failures).toContainEqual(expect.objectContaining({ kind: 'status', expected: 101, actual: 426 }))
  })

  it('tells refusal and silence apart', async () => {
    const refused = await run(socketTest(said), { url: 'http://127.0.0.1:1' })
    expect(refused?.failures[0]?.kind).toBe('refused')
    await using mute = await listen(() => undefined)
    mute.server.on('upgrade', () => undefined)
    const silent = await run(socketTest(said), { url: mute.url, testTimeoutMs: 100 })
    expect(silent?.failures[0]?.kind).toBe('timeout')
  })
})
