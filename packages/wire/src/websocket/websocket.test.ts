import { createDeflateRaw, constants } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { closed, END, everyByte, gaps, play } from '../../test/exchanges.ts'
import type { Step } from '../../test/exchanges.ts'
import { closePayload, encodeFrame, WEBSOCKET_OPCODES as OP, WebSocketParser } from '../index.ts'

const mask = Buffer.from([9, 8, 7, 6])

/** What a peer with permessage-deflate sends; the window lasts over messages unless `fresh`. */
async function deflater(fresh: boolean): Promise<(text: string) => Promise<Buffer>> {
  let stream = createDeflateRaw()
  return (text) =>
    new Promise((resolve) => {
      const parts: Buffer[] = []
      const collect = (part: Buffer) => parts.push(part)
      stream.on('data', collect)
      stream.write(text)
      stream.flush(constants.Z_SYNC_FLUSH, () => {
        stream.off('data', collect)
        if (fresh) stream = createDeflateRaw()
        resolve(Buffer.concat(parts).subarray(0, -4))
      })
    })
}

describe('messages', () => {
  test('fragments are joined, with control frames in between told when they come', () => {
    const parser = new WebSocketParser()
    const bytes = Buffer.concat([
      encodeFrame(Buffer.from('one '), { opcode: OP.text, fin: false, mask }),
      encodeFrame(Buffer.from('p'), { opcode: OP.ping, mask }),
      encodeFrame(Buffer.from('two'), { opcode: OP.continuation, mask }),
      encodeFrame(Buffer.from([0, 255]), { opcode: OP.binary, mask: true }),
      encodeFrame(closePayload(), { opcode: OP.close }),
      encodeFrame(closePayload(1001, 'gone'), { opcode: OP.close }),
    ])
    const expected = [
      { type: 'ping', bytes: Buffer.from('p') },
      { type: 'text', text: 'one two' },
      { type: 'binary', bytes: Buffer.from([0, 255]) },
      { type: 'close' },
      { type: 'close', code: 1001, reason: 'gone' },
    ]
    expect(parser.push(bytes)).toEqual(expected)
    const slow = new WebSocketParser()
    expect([...everyByte(bytes)].flatMap((byte) => slow.push(byte))).toEqual(expected)
  })

  test.each([125, 126, 65_535, 65_536])('a message of %i bytes is read at each width of its length', (size) => {
    const [item] = new WebSocketParser().push(encodeFrame(Buffer.alloc(size, 7), { opcode: OP.binary, mask: true }))
    expect(item).toEqual({ type: 'binary', bytes: Buffer.alloc(size, 7) })
  })

  test.each([true, false])('compressed messages are inflated (fresh window each: %s)', async (fresh) => {
    const parser = new WebSocketParser({ deflate: true, noContextTakeover: fresh })
    const deflate = await deflater(fresh)
    for (const text of ['hello hello hello', 'hello hello again', '']) {
      const payload = await deflate(text)
      const frame = encodeFrame(payload, { opcode: OP.text, compressed: true, mask })
      expect([...everyByte(frame)].flatMap((byte) => parser.push(byte))).toEqual([{ type: 'text', text }])
    }
    expect(parser.problem).toBeUndefined()
  })

  test('a message past the limit is counted and left out, and the next one is read', async () => {
    const parser = new WebSocketParser({ limit: 10, deflate: true })
    const deflate = await deflater(false)
    const large = encodeFrame(await deflate('x'.repeat(5000)), { opcode: OP.text, compressed: true })
    const small = encodeFrame(await deflate('xxxx'), { opcode: OP.text, compressed: true })
    expect(parser.push(Buffer.concat([large, small]))).toEqual([{ type: 'text', text: 'xxxx' }])
    expect(parser.tooLarge).toBe(1)
  })

  test.each([
    ['reserved bits', Buffer.from([0xb1, 0])],
    ['an unknown opcode', Buffer.from([0x83, 0])],
    ['a long control frame', Buffer.from([0x89, 126, 0, 126])],
    ['a continuation of nothing', Buffer.from([0x80, 0])],
    ['an impossible length', Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
    ['compression without agreement', Buffer.from([0xc1, 1, 0])],
  ])('%s are a problem, and nothing more is read', (_name, bytes) => {
    const parser = new WebSocketParser()
    parser.push(bytes)
    expect(parser.problem).toBeTypeOf('string')
    expect(parser.push(encodeFrame(Buffer.from('a'), { opcode: OP.text }))).toEqual([])
  })
})

describe('the upgrade', () => {
  const ask = 'GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  const agree = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n'
  const hi = encodeFrame(Buffer.from('hi'), { opcode: OP.text, mask })

  test('messages of both sides are items, in the order in which they came', () => {
    const events = play([
      ['client', ask],
      ['server', Buffer.concat([Buffer.from(agree), encodeFrame(Buffer.from('yo'), { opcode: OP.text })])],
      ['client', hi],
      ['client', END],
      ['server', END],
    ])
    expect(gaps(events)).toEqual([])
    expect(closed(events)).toMatchObject([
      {
        state: 'complete',
        response: { status: 101 },
        stream: {
          kind: 'websocket',
          items: [
            { at: 1, from: 'server', data: { type: 'text', text: 'yo' } },
            { at: 2, from: 'client', data: { type: 'text', text: 'hi' } },
          ],
        },
      },
    ])
  })

  test('frames that come before the answer wait for it', () => {
    const events = play([['client', Buffer.concat([Buffer.from(ask), hi])], ['server', agree], 'STOP'])
    expect(closed(events)).toMatchObject([{ state: 'open', stream: { items: [{ data: { text: 'hi' } }] } }])
  })

  test('a refused upgrade leaves the connection to HTTP', () => {
    const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    const events = play([
      ['client', `${ask}GET /2 HTTP/1.1\r\n\r\n`],
      ['server', ok + ok],
    ])
    expect(gaps(events)).toEqual([])
    expect(closed(events).map((one) => [one.request.target, one.state])).toEqual([
      ['/ws', 'complete'],
      ['/2', 'complete'],
    ])
  })

  test('a CONNECT tunnel is counted, not parsed', () => {
    const steps: Step[] = [
      ['client', 'CONNECT a:1 HTTP/1.1\r\n\r\n'],
      ['server', 'HTTP/1.1 200 OK\r\n\r\nxyz'],
      ['client', '12345'],
      ['client', END],
      ['server', END],
    ]
    expect(gaps(play(steps))).toEqual([expect.stringContaining('tunnel')])
    expect(closed(play(steps))).toMatchObject([{ state: 'complete', response: { body: { wireSize: 8 } } }])
  })

  test('a broken frame is a gap of its side alone', () => {
    const events = play([['client', ask], ['server', agree], ['server', '\xf1\x00'], ['client', hi], 'ABORT'])
    expect(gaps(events)).toEqual(['a WebSocket frame uses reserved bits'])
    expect(closed(events)).toMatchObject([
      { state: 'aborted', stream: { items: [{ data: { text: 'hi' } }] }, response: { body: { omitted: {} } } },
    ])
  })

  test('a message past the limit is a gap, and the exchange says that items are missing', () => {
    const events = play([['client', ask], ['server', agree], ['client', hi], 'STOP'], { bodyLimit: 1 })
    expect(gaps(events)).toEqual(['a WebSocket message is larger than the limit'])
    expect(closed(events)).toMatchObject([{ response: { body: { omitted: { reason: 'limit' } } } }])
  })
})
