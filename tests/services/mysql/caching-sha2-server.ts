import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A server with caching_sha2_password and TLS, from `server/`, built with Go. */
export interface CachingSha2Server extends AsyncDisposable {
  readonly port: number
  readonly certificate: string
  readonly key: string
  stop(): Promise<void>
}

export const nativeAccount = { user: 'grace', password: 'hopper-1906', database: 'shop' } as const
export const sha2Account = { user: 'ada', password: 'lovelace-1815', database: 'shop' } as const

/** Whether Go is here to build it. */
export async function hasGo(): Promise<boolean> {
  return run('go', ['version']).then(
    () => true,
    () => false,
  )
}

/** Starts the server; builds it first, where nothing has built it before. */
export async function startCachingSha2Server(): Promise<CachingSha2Server> {
  const folder = await mkdtemp(join(tmpdir(), 'keploy-mysql-'))
  const [certificate, key] = ['cert.pem', 'key.pem'].map((name) => join(folder, name)) as [string, string]
  const built = await run(join(import.meta.dirname, '../build-go.sh'), [
    join(import.meta.dirname, 'server'),
    'caching-sha2',
  ])
  const program = built.stdout.trim()
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  await run('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    '-days',
    '2',
    ...names,
  ])
  const child = spawn(program, [certificate, key], { stdio: ['pipe', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const line: unknown = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([first]) => first as unknown),
    exited.then(() => undefined),
  ])
  if (typeof line !== 'string') throw new Error('the server ended before it said its port')
  const stop = async (): Promise<void> => {
    child.stdin.end()
    await exited
  }
  return {
    port: Number(line),
    certificate,
    key,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
