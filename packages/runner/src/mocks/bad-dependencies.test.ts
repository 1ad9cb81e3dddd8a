import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ProtocolName } from '@keploy-framework/format'
import { createLocalCertificate, startRelays, type Route } from '@keploy-framework/intercept'
import { recordCalls } from '@keploy-framework/recorder'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { MissedCall } from './describe-miss.ts'
import { loadStandIn, serveStandIn } from './stand-in.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keploy-bad-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const dependency = 'redis store:1'

/** Records what `drive` does to a server behind a relay, and gives what it saw. */
async function record<T>(serverPort: number, drive: (port: number) => Promise<T>, protocol: ProtocolName = 'redis') {
  const gaps: string[] = []
  const problems: string[] = []
  const recording = await recordCalls({ directory: folder, testSet: 'set', onGap: (reason) => gaps.push(reason) })
  const relays = startRelays({
    handler: recording.handler,
    certificateFor: (host) => createLocalCertificate({ hosts: [host] }),
    onProblem: (_route, problem) => problems.push(problem),
  })
  const route: Route = {
    dependency: `${protocol} store:1`,
    protocol,
    target: { host: '127.0.0.1', port: serverPort },
    tls: { mode: 'off' },
    via: 'relay',
  }
  const { port } = await relays.open(route)
  const seen = await drive(port)
  // A server that hangs keeps its connection.
  await relays.close({ graceMs: 1000 })
  const { calls, warnings } = await recording.finish()
  return { seen, gaps, problems, mocks: calls.mocks, warnings }
}

/** Does the same to the recording alone. */
async function replay<T>(drive: (port: number) => Promise<T>, name = dependency) {
  const misses: MissedCall[] = []
  const standIn = await loadStandIn({
    sets: [{ name: 'set', directory: join(folder, 'set') }],
    onMiss: (miss) => misses.push(miss),
  })
  expect(standIn.issues).toEqual([])
  const { served, relays } = await serveStandIn(standIn, { onProblem: () => undefined })
  try {
    const port = served.find((one) => one.name === name)?.port
    if (port === undefined) throw new Error(`${name} is none of ${served.map((one) => one.name).join()}`)
    return { seen: await drive(port), misses, unused: standIn.session.unused() }
  } finally {
    await relays.close()
  }
}

async function serverOf(onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

/** Asks once: what came, and how the connection ended. `until`: hang up when that came. */
async function ask(port: number, text: string, until?: (heard: string) => boolean): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  let heard = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    heard += chunk
    if (until?.(heard) === true) socket.destroy()
  })
  socket.write(text)
  return await new Promise((resolve) => {
    let how = 'hung up'
    socket.once('end', () => (how = 'end'))
    socket.once('error', (error: NodeJS.ErrnoException) => (how = error.code ?? error.message))
    socket.once('close', () => resolve(`${heard}|${how}`))
  })
}

describe('a dependency that misbehaves while it is recorded', { timeout: 60_000 }, () => {
  it('that is slow and answers byte by byte is recorded as what it said, and replayed', async () => {
    const answer = '$11\r\nslow answer\r\n'
    using server = await serverOf((socket) => {
      socket.setNoDelay(true)
      socket.once('data', () => {
        let at = 0
        const timer = setInterval(() => {
          if (at < answer.length) socket.write(answer.slice(at, (at += 1)))
          else clearInterval(timer)
        }, 5)
        socket.on('close', () => clearInterval(timer))
      })
    })
    const drive = (port: number) => ask(port, command('GET', 'a'), (heard) => heard.length === answer.length)
    const { seen, mocks, warnings, gaps } = await record(server.port, drive)
    expect(seen).toBe(`${answer}|hung up`)
    expect({ mocks, warnings, gaps }).toEqual({ mocks: 1, warnings: [], gaps: [] })
    expect(await replay(drive)).toEqual({ seen, misses: [], unused: [] })
  })

  it('that resets in the middle of an answer resets in the replay too, and is no miss', async () => {
    using server = await serverOf((socket) => {
      socket.once('data', () =>
        socket.write('$100\r\nhalf of it', () => setTimeout(() => socket.resetAndDestroy(), 50)),
      )
    })
    const drive = (port: number) => ask(port, command('GET', 'a'))
    const { seen, mocks } = await record(server.port, drive)
    expect(seen).toMatch(/\|ECONNRESET$/)
    expect(mocks).toBe(1)
    const again = await replay(drive)
    expect(again.seen).toMatch(/\|ECONNRESET$/)
    expect(again).toMatchObject({ misses: [], unused: [] })
  })

  it('that never answers lets the client wait in the replay too, and is no miss', async () => {
    using server = await serverOf(() => undefined)
    const drive = async (port: number): Promise<string> => {
      const socket = net.connect(port, '127.0.0.1')
      let heard = ''
      socket.on('data', (chunk) => (heard += String(chunk)))
      socket.on('close', () => (heard += 'closed'))
      socket.write(command('GET', 'a'))
      await new Promise((resolve) => setTimeout(resolve, 300))
      const before = heard
      socket.destroy()
      return before
    }
    const { seen, mocks } = await record(server.port, drive)
    expect(seen).toBe('')
    expect(mocks).toBe(1)
    expect(await replay(drive)).toEqual({ seen: '', misses: [], unused: [] })
  })

  it('that is killed during a request ends the connection in the replay too', async () => {
    const program = `require('node:net').createServer((socket) => {
      socket.on('data', () => process.kill(process.pid, 'SIGKILL'))
    }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const port = Number(String((await once(child.stdout, 'data'))[0]))
    const drive = (at: number) => ask(at, command('GET', 'a'))
    const { seen, mocks } = await record(port, drive)
    expect(child.signalCode).toBe('SIGKILL')
    expect(mocks).toBeGreaterThan(0)
    const again = await replay(drive)
    expect(again.seen.split('|')[1]).toBe(seen.split('|')[1])
    expect(again.misses).toEqual([])
  })
})

describe('much at once', () => {
  it('a client that never reads holds the server back, in a recording', { timeout: 60_000 }, async () => {
    const total = 1024 * 1024 * 1024
    let sent = 0
    using server = await serverOf((socket) => {
      const piece = Buffer.alloc(64 * 1024, 'x')
      const pour = (): void => {
        while (sent < total) {
          sent += piece.length
          if (!socket.write(piece)) return
        }
      }
      socket.once('data', () => {
        socket.write(`$${total}\r\n`)
        pour()
      })
      socket.on('drain', pour)
    })
    await record(server.port, async (port) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.pause()
      socket.write(command('GET', 'a'))
      let before = -1
      // Held back: nothing more went out for a second.
      while (before !== sent || sent === 0) {
        before = sent
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
      socket.destroy()
    })
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('a client that asks and never reads is held back by a replay', { timeout: 60_000 }, async () => {
    const value = 'v'.repeat(64 * 1024)
    using server = await serverOf((socket) => socket.on('data', () => socket.write(`$${value.length}\r\n${value}\r\n`)))
    await record(server.port, (port) => ask(port, command('GET', 'a'), (heard) => heard.endsWith(`${value}\r\n`)))
    const standIn = await loadStandIn({
      sets: [{ name: 'set', directory: join(folder, 'set') }],
      onMiss: () => undefined,
      mayRepeat: () => true,
    })
    const { served, relays } = await serveStandIn(standIn, { onProblem: () => undefined })
    const socket = net.connect(served[0]!.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.pause()
    const text = Buffer.from(command('GET', 'a').repeat(1000))
    let asked = 0
    const pour = (): void => {
      while (asked < 20_000) {
        asked += 1000
        if (!socket.write(text)) return
      }
    }
    socket.on('drain', pour)
    pour()
    let before = -1
    while (before !== standIn.session.stats.served || before === 0) {
      before = standIn.session.stats.served
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
    socket.destroy()
    await relays.close()
    // 64 KiB each: what waits in our memory stays far below what was asked for.
    expect(before).toBeLessThan(10_000)
  })

  it('a thousand connections are recorded and replayed', { timeout: 120_000 }, async () => {
    using server = await serverOf((socket) => {
      socket.on('data', (chunk) => socket.write(`+${/key-\d+/.exec(String(chunk))?.[0] ?? 'none'}\r\n`))
    })
    const drive = async (port: number): Promise<string[]> =>
      await Promise.all(
        Array.from({ length: 1000 }, (_, at) =>
          ask(port, command('GET', `key-${at}`), (heard) => heard.endsWith('\n')),
        ),
      )
    const { seen, mocks, warnings, gaps } = await record(server.port, drive)
    expect(seen.slice(0, 2)).toEqual(['+key-0\r\n|hung up', '+key-1\r\n|hung up'])
    expect({ mocks, warnings, gaps }).toEqual({ mocks: 1000, warnings: [], gaps: [] })
    expect(await replay(drive)).toEqual({ seen, misses: [], unused: [] })
  })

  it.each([
    ['of Redis', 'redis', (size: number) => `$${size}\r\n`, '\r\n', command('GET', 'a')],
    [
      'over HTTP',
      'http',
      (size: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`,
      '',
      'GET / HTTP/1.1\r\nHost: store:1\r\n\r\n',
    ],
    ['of an unknown protocol', 'generic', () => '', '', 'give'],
  ] as const)(
    'an answer of 50 MB %s goes through whole, and it is told that it is not kept',
    { timeout: 120_000 },
    async (_, protocol, head, tail, request) => {
      const size = 50 * 1024 * 1024
      const whole = head(size).length + size + tail.length
      using server = await serverOf((socket) => {
        socket.once('data', () => {
          socket.write(head(size))
          for (let left = size; left > 0; left -= 1024 * 1024) socket.write(Buffer.alloc(1024 * 1024, 'y'))
          socket.write(tail)
        })
      })
      const drive = async (port: number): Promise<number> => {
        const socket = net.connect(port, '127.0.0.1')
        let heard = 0
        socket.write(request)
        for await (const chunk of socket) {
          heard += (chunk as Buffer).length
          if (heard >= whole) break
        }
        return heard
      }
      const { seen, mocks, gaps, warnings } = await record(server.port, drive, protocol)
      expect(seen).toBe(whole)
      // More than a message may have: it is told, and not said to have been broken off.
      expect(mocks).toBe(0)
      expect(gaps.join('\n')).toMatch(/\d+ bytes/)
      expect(warnings.join('\n')).toContain('could not be kept')
    },
  )
})
