import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ProtocolName } from '@keploy-framework/format'
import { createLocalCertificate, startRelays, type ConnectionHandler, type Route } from '@keploy-framework/intercept'
import { recordCalls } from '@keploy-framework/recorder'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { MissedCall } from './describe-miss.ts'
import { loadStandIn } from './stand-in.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keploy-guess-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** A connection of the service through a relay that its setting led to, whoever is behind it. */
async function through<T>(handler: ConnectionHandler, route: Route, drive: (port: number) => Promise<T>): Promise<T> {
  const relays = startRelays({
    handler,
    certificateFor: (host) => createLocalCertificate({ hosts: [host] }),
    onProblem: (_route, problem) => expect.unreachable(problem),
  })
  try {
    const seen = await drive((await relays.open(route)).port)
    await expect.poll(() => relays.connections, { timeout: 10_000 }).toBe(0)
    return seen
  } finally {
    await relays.close()
  }
}

/** Says these one after the other, each when the one before it was answered in this length. */
async function talk(port: number, greeting: number, turns: readonly (readonly [string, number])[]): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  let heard = ''
  let due = greeting
  const hear = async (): Promise<void> => {
    while (heard.length < due) heard += String((await once(socket, 'data'))[0])
  }
  await hear()
  for (const [text, length] of turns) {
    socket.write(text)
    due += length
    await hear()
  }
  socket.end()
  await once(socket, 'close')
  return heard
}

const redis = (text: string): string => {
  const words = text.split(' ')
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`
}

const SPOKEN = {
  redis: {
    greeting: '',
    turns: [
      [redis('SET a 1'), '+OK\r\n'],
      [redis('GET a'), '$1\r\n1\r\n'],
    ],
  },
  http: {
    greeting: '',
    turns: [['GET /a HTTP/1.1\r\nHost: store:1\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi']],
  },
  generic: {
    greeting: 'INFO {"server":"a"}\r\n',
    turns: [
      ['CONNECT {}\r\nPING\r\n', 'PONG\r\n'],
      ['PUB a 2\r\nhi\r\n', '+OK\r\n'],
    ],
  },
} as const

describe('a dependency that speaks something else than its setting says', { timeout: 60_000 }, () => {
  it.each<[ProtocolName, keyof typeof SPOKEN]>([
    ['postgres', 'redis'],
    ['mysql', 'redis'],
    ['kafka', 'http'],
    ['redis', 'http'],
    ['mongodb', 'generic'],
    ['mysql', 'generic'],
    ['http', 'generic'],
  ])('is recorded and replayed without it: %s says the setting, and %s is spoken', async (named, spoken) => {
    const { greeting, turns } = SPOKEN[spoken]
    const server = net.createServer((socket) => {
      if (greeting !== '') socket.write(greeting)
      let asked = ''
      let next = 0
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        asked += String(chunk)
        const turn = turns[next]
        if (turn === undefined || asked !== turn[0]) return
        asked = ''
        next += 1
        socket.write(turn[1])
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const route: Route = {
      dependency: `${named} store:1`,
      protocol: named,
      target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      tls: { mode: 'off' },
      via: 'relay',
    }
    const drive = async (port: number): Promise<string> =>
      await talk(
        port,
        greeting.length,
        turns.map(([asked, answer]) => [asked, answer.length] as const),
      )
    const gaps: string[] = []
    const notices: string[] = []
    const recording = await recordCalls({
      directory: folder,
      testSet: 'set',
      onGap: (reason) => gaps.push(reason),
      onNotice: (notice) => notices.push(notice),
    })
    // Twice: told once.
    const seen = await through(recording.handler, route, async (port) => [await drive(port), await drive(port)])
    const { calls } = await recording.finish()
    server.close()
    await once(server, 'close')
    const one = greeting + turns.map(([, answer]) => answer).join('')
    expect(seen).toEqual([one, one])
    expect(gaps).toEqual([])
    expect(notices).toEqual([
      `${named} store:1 does not speak ${named}, as its setting says: it is recorded as ${spoken === 'generic' ? 'bytes (generic)' : spoken}`,
    ])
    expect(calls.mocks).toBe(2 * (turns.length + (greeting === '' ? 0 : 1)))

    const misses: MissedCall[] = []
    const standIn = await loadStandIn({
      sets: [{ name: 'set', directory: join(folder, 'set') }],
      onMiss: (miss) => misses.push(miss),
    })
    expect(standIn.issues).toEqual([])
    const again = await through(standIn.session.handler, route, async (port) => [await drive(port), await drive(port)])
    expect(again).toEqual(seen)
    expect(misses).toEqual([])
    expect(standIn.session.unused()).toEqual([])
  })
})
