import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { freePort } from '@keploy-framework/intercept'

/** Whether there is a Redis here; its absence is an error where services are required. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis && process.env['KEPLOY_REQUIRE_SERVICES'] !== undefined) throw new Error('redis-server is not installed')

/** A server process of its own. */
export interface RealRedis extends AsyncDisposable {
  readonly port: number
  stop(): Promise<void>
}

/** Starts `redis-server` on a free port of 127.0.0.1; `--sentinel` among the arguments makes it one. */
export async function startRedis(
  args: (port: number, folder: string) => readonly string[] | Promise<readonly string[]> = () => [],
): Promise<RealRedis> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'keploy-redis-'))
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, '--loglevel', 'warning']
  const given = await args(port, folder)
  const child = spawn(
    'redis-server',
    given[0]?.endsWith('.conf') === true ? [...given, ...own.slice(0, 4)] : [...own, ...given],
    {
      stdio: 'ignore',
    },
  )
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  for (let attempt = 0; attempt < 200; attempt++) {
    if (/^\+PONG|^-NOAUTH/.test(await exchange(port, ['PING']))) return { port, stop, [Symbol.asyncDispose]: stop }
    await pause(25)
  }
  await stop()
  throw new Error('redis-server did not start')
}

/** Sends one command and gives what comes first; an empty text when there is no server. */
export async function exchange(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(command(...words)))
    socket.on('data', (chunk) => {
      resolve(chunk.toString())
      socket.destroy()
    })
    socket.on('error', () => resolve(''))
    socket.on('close', () => resolve(''))
  })
}

/** A command as an array of bulk strings. */
export function command(...words: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => {
      const bytes = Buffer.from(word)
      return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]
    }),
  ])
}

/** A plain connection that keeps what it gets. */
export interface Wire extends Disposable {
  write(bytes: Uint8Array): void
  received(): Buffer
  /** Waits until nothing came for a while, after something did. */
  settled(): Promise<Buffer>
  readonly ended: boolean
}

/** Connects to a port of 127.0.0.1. */
export async function connectWire(port: number): Promise<Wire> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const chunks: Buffer[] = []
  let ended = false
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('end', () => (ended = true))
  socket.on('error', () => (ended = true))
  return {
    write: (bytes) => void socket.write(bytes),
    received: () => Buffer.concat(chunks),
    async settled() {
      for (let before = -1, quiet = 0; quiet < 3;) {
        await pause(10)
        quiet = chunks.length === before ? quiet + 1 : 0
        before = chunks.length
      }
      return Buffer.concat(chunks)
    },
    get ended() {
      return ended
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}
