import { spawn, type ChildProcess } from 'node:child_process'
import { access, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface LocalPostgres extends AsyncDisposable {
  url: string
}

/** A Postgres for tests: the one at POSTGRES_DSN, or one started from the binaries of this machine. */
export interface PostgresSource {
  start(): Promise<LocalPostgres>
}

/** Where a Postgres can come from here, or why there is none and what helps. */
export async function findPostgres(): Promise<{ source: PostgresSource } | { missing: string }> {
  const url = process.env['POSTGRES_DSN']
  if (url) return { source: { start: async () => ({ url, [Symbol.asyncDispose]: async () => {} }) } }
  const binaries = await findBinaries()
  if (!binaries) {
    return { missing: 'no Postgres here: set POSTGRES_DSN, or install it (apt-get install postgresql)' }
  }
  return { source: { start: () => startPostgres(binaries) } }
}

async function findBinaries(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql'
  const versions = await readdir(debian).catch(() => [])
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')),
  ]
  for (const folder of folders) {
    const found = await Promise.all(['initdb', 'postgres'].map((name) => access(join(folder, name)))).catch(() => false)
    if (found) return folder
  }
  return undefined
}

async function startPostgres(binaries: string): Promise<LocalPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'sample-service-postgres-'))
  const removeDirectory = () => rm(directory, { recursive: true, force: true })
  try {
    const user = await unprivilegedUser()
    if (user) await chown(directory, user.uid, user.gid)
    const data = join(directory, 'data')
    const run = (name: string, args: string[]) =>
      spawn(join(binaries, name), args, { ...user, cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })

    await finished(run('initdb', ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8']))
    const port = await freePort()
    const server = run('postgres', ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', directory, '-c', 'fsync=off'])
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    await printed(server, /ready to accept connections/)
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      async [Symbol.asyncDispose]() {
        server.kill('SIGINT')
        await ended
        await removeDirectory()
      },
    }
  } catch (error) {
    await removeDirectory()
    throw error
  }
}

/** Postgres refuses to run as root; it then runs as the user that its package made. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  if (!user) throw new Error('Postgres does not run as root, and there is no user postgres or nobody to run it as.')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function finished(child: ChildProcess): Promise<void> {
  const output = collect(child)
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve))
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}: ${output()}`)
}

function printed(child: ChildProcess, line: RegExp): Promise<void> {
  const output = collect(child)
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', () => line.test(output()) && resolve())
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code}: ${output()}`)))
  })
}

function collect(child: ChildProcess): () => string {
  let text = ''
  const add = (chunk: Buffer) => (text += chunk.toString())
  child.stdout?.on('data', add)
  child.stderr?.on('data', add)
  return () => text
}
