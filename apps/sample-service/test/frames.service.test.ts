/**
 * @marker adversarial
 *
 * Segment: operators
 * Goal: whatever comes over a socket ends at most that socket
 * Value: frames as broken clients and networks send them
 * Impact: one bad client is one bad client
 */
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { startClient } from './chaos/client.ts'
import { closeCodeOf, frame, openRawSocket, type FrameParts } from './chaos/raw-socket.ts'
import { runPlatform } from './platform-process.ts'
import { authEnvironment, tokenFor } from './real-parts.ts'

const within = { timeout: 60_000, interval: 50 }
const paths = ['/v1/session/raw/stream', '/ws?channel=global']
let platform: Awaited<ReturnType<typeof runPlatform>>
let token: string

beforeAll(async () => {
  platform = await runPlatform([], authEnvironment)
  token = await tokenFor()
}, 120_000)
afterAll(() => platform[Symbol.asyncDispose]())

/** Somebody else is served as if nothing was. */
async function othersAreServed(): Promise<void> {
  await using other = await startClient(platform.url, 'somebody-else')
  const stream = await other.follow('theirs')
  const answer = await other.ask('Hello', 'theirs')
  await expect.poll(() => stream.events.map(({ event_id }) => event_id), within).toContain(answer.event_id)
}

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${platform.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024
}

const text = Buffer.from('{"type":"ping"}')
const PROTOCOL_ERROR = 1002

const malformed: [name: string, frames: FrameParts[], code: number][] = [
  ['a reserved bit', [{ opcode: 1, payload: text, reserved: 4 }], PROTOCOL_ERROR],
  ['all reserved bits', [{ opcode: 1, payload: text, reserved: 7 }], PROTOCOL_ERROR],
  ['an opcode that does not exist', [{ opcode: 3, payload: text }], PROTOCOL_ERROR],
  ['a control frame that does not exist', [{ opcode: 11 }], PROTOCOL_ERROR],
  ['a frame without a mask', [{ opcode: 1, payload: text, masked: false }], PROTOCOL_ERROR],
  ['a ping without a mask', [{ opcode: 9, masked: false }], PROTOCOL_ERROR],
  ['a ping in two parts', [{ opcode: 9, payload: text, fin: false }], PROTOCOL_ERROR],
  ['a ping of 126 bytes', [{ opcode: 9, payload: Buffer.alloc(126) }], PROTOCOL_ERROR],
  ['a continuation of nothing', [{ opcode: 0, payload: text }], PROTOCOL_ERROR],
  [
    'a text within a text',
    [
      { opcode: 1, payload: text, fin: false },
      { opcode: 1, payload: text },
    ],
    PROTOCOL_ERROR,
  ],
  ['a text that is not UTF-8', [{ opcode: 1, payload: Buffer.from([0xc3, 0x28]) }], 1007],
  ['a goodbye of one byte', [{ opcode: 8, payload: Buffer.from([3]) }], PROTOCOL_ERROR],
  ['a goodbye with a code that does not exist', [{ opcode: 8, payload: Buffer.from([0, 1]) }], PROTOCOL_ERROR],
  ['a goodbye that is not UTF-8', [{ opcode: 8, payload: Buffer.from([3, 0xe8, 0xff]) }], 1007],
  ['a length beyond all', [{ opcode: 2, length: 2n ** 63n - 1n }], 1009],
  ['a length of 4 GiB', [{ opcode: 2, length: 2n ** 32n }], 1009],
]

test.each(malformed)(
  'a malformed frame, %s: the connection is ended with the code for it, on every socket',
  async (_name, frames, code) => {
    for (const path of paths) {
      const socket = await openRawSocket(platform.url, path, token)
      const ended = closeCodeOf(socket)
      socket.write(Buffer.concat(frames.map(frame)))
      expect(await ended, path).toBe(code)
    }
  },
)

test('after all of them others are served', async () => {
  await expect(othersAreServed()).resolves.toBeUndefined()
})

test('bytes at random, on many connections at once: the process stays well', async () => {
  const sockets = await Promise.all(
    Array.from({ length: 50 }, (_, number) => openRawSocket(platform.url, paths[number % 2]!, token)),
  )
  const ended = sockets.map((socket, number) => {
    const closed = closeCodeOf(socket)
    // A first byte that no frame begins with, so that each of them is wrong at once.
    socket.write(Buffer.concat([Buffer.from([0x70 | (number % 16)]), Buffer.alloc(5_000, number)]))
    return closed
  })
  expect(new Set(await Promise.all(ended))).toEqual(new Set([PROTOCOL_ERROR]))
  await othersAreServed()
})

test('a flood of pings from clients that never read: memory is bounded, and others are served', async () => {
  const before = await residentBytes()
  const flood = Buffer.concat(Array.from({ length: 1_000 }, () => frame({ opcode: 9, payload: Buffer.alloc(125) })))
  const sockets = await Promise.all(paths.map((path) => openRawSocket(platform.url, path, token)))
  for (const socket of sockets) {
    socket.pause()
    // 100 MB in all, as far as they are taken.
    for (let round = 0; round < 400 && socket.writableLength < 64 * 1024 * 1024; round++) socket.write(flood)
  }
  await othersAreServed()
  expect(await residentBytes()).toBeLessThan(before + 150 * 1024 * 1024)
  for (const socket of sockets) socket.destroy()
})

test('clients that never read: what they miss waits in the database, and others are served', async () => {
  await using client = await startClient(platform.url)
  const sockets = await Promise.all(
    Array.from({ length: 50 }, () => openRawSocket(platform.url, '/v1/session/slow/stream', client.token)),
  )
  for (const socket of sockets) socket.pause()
  const before = await residentBytes()
  // With the answers 6 MB for each of them, who takes none of it.
  for (let round = 0; round < 6; round++) {
    await Promise.all(Array.from({ length: 10 }, () => client.say('x'.repeat(50_000), 'slow')))
  }
  await othersAreServed()
  expect(await residentBytes()).toBeLessThan(before + 200 * 1024 * 1024)
  for (const socket of sockets) socket.destroy()
}, 120_000)

test('a handshake that never ends, and one in pieces: others are served', async () => {
  const { hostname, port } = new URL(platform.url)
  const sockets = Array.from({ length: 100 }, () => connect(Number(port), hostname).on('error', () => {}))
  for (const socket of sockets) socket.write('GET /v1/session/s/stream HTTP/1.1\r\nhost: a\r\nupgrade: webs')
  await expect(othersAreServed()).resolves.toBeUndefined()
  for (const socket of sockets) socket.destroy()
})

test('the process has logged no failure, and ends when it is told to', async () => {
  expect(platform.log()).not.toContain('"level":50')
  expect(await platform.stop()).toEqual([0, null])
})
