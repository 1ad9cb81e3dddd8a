import { spawn, spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import { freePort } from './free-port.ts'

/** Why tests with Redis can't run here; nothing where they can. */
export function redisMissing(): string | undefined {
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).error === undefined) return undefined
  if (process.env['KEPLOY_REQUIRE_SERVICES'] === 'all')
    throw new Error('redis-server is missing; install redis-server.')
  return 'needs redis-server; install it (Debian: apt-get install redis-server)'
}

export interface RedisServer extends AsyncDisposable {
  readonly port: number
  stop(): Promise<void>
}

/** A Redis of its own, without a file. `host`: where it listens. */
export async function redisServer(
  options: { readonly port?: number; readonly host?: string; readonly password?: string } = {},
): Promise<RedisServer> {
  const { port = await freePort(), host = '127.0.0.1', password } = options
  const settings = [
    '--port',
    String(port),
    '--bind',
    host,
    '--save',
    '',
    '--appendonly',
    'no',
    '--protected-mode',
    'no',
  ]
  const child = spawn('redis-server', [...settings, ...(password === undefined ? [] : ['--requirepass', password])], {
    stdio: 'ignore',
    cwd: '/tmp',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  const deadline = performance.now() + 20_000
  while (!(await accepts(port, host))) {
    if (performance.now() > deadline || child.exitCode !== null) {
      await stop()
      throw new Error(`redis-server does not answer on ${host}:${port}`)
    }
    await delay(20)
  }
  return { port, stop, [Symbol.asyncDispose]: stop }
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
