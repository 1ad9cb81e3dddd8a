import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

import { mysql, startFixtures } from '@keploy-framework/fixtures'
import { createLocalCa } from '@keploy-framework/intercept'

import { freePort } from './run-cli.ts'

const run = promisify(execFile)

/** A server that speaks TLS with a certificate of an authority of its own. */
export interface SecureServer extends AsyncDisposable {
  readonly port: number
  /** The file of the authority that clients have to trust. */
  readonly ca: string
  readonly stop: () => Promise<void>
}

interface Files {
  readonly folder: string
  readonly ca: string
  readonly cert: string
  readonly key: string
}

async function writeFiles(name: string): Promise<Files> {
  const folder = await mkdtemp(path.join(tmpdir(), `keploy-${name}-`))
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) => path.join(folder, file)) as [
    string,
    string,
    string,
  ]
  const authority = createLocalCa()
  const own = authority.certificateFor('localhost')
  await Promise.all([
    writeFile(ca, authority.cert),
    writeFile(cert, own.cert),
    writeFile(key, own.key, { mode: 0o600 }),
  ])
  return { folder, ca, cert, key }
}

/** Waits until the server answers, for as long as it runs. */
async function answering(child: ChildProcess, name: string, answers: () => Promise<boolean>): Promise<void> {
  while (!(await answers())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} ended before it was ready`)
    await pause(50)
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

const listens = async (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

/** The user `ada` with the password `lovelace-1815` and a database of her name; SCRAM, and no way in without TLS. */
export const POSTGRES_ACCOUNT = { user: 'ada', password: 'lovelace-1815' } as const

/** Starts a Postgres of its own with `ssl = on`. */
export async function startSecurePostgres(): Promise<SecureServer> {
  const bin = await postgresFolder()
  const files = await writeFiles('postgres')
  const data = path.join(files.folder, 'data')
  const secret = path.join(files.folder, 'password')
  // It refuses to run as root.
  const other = process.getuid?.() === 0 ? await idsOf('postgres') : undefined
  const as = other === undefined ? {} : other
  await mkdir(data)
  await writeFile(secret, POSTGRES_ACCOUNT.password)
  if (other !== undefined) {
    for (const file of [
      files.folder,
      data,
      secret,
      ...(await readdir(files.folder)).map((name) => path.join(files.folder, name)),
    ])
      await chown(file, other.uid, other.gid)
  }
  await chmod(files.folder, 0o755)
  const initialize = [
    '-D',
    data,
    '-U',
    POSTGRES_ACCOUNT.user,
    '-A',
    'scram-sha-256',
    '--pwfile',
    secret,
    '-N',
    '-E',
    'UTF8',
  ]
  await run(path.join(bin, 'initdb'), initialize, { ...as, cwd: files.folder })
  await writeFile(path.join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n')
  const port = await freePort()
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    ssl: 'on',
    ssl_cert_file: files.cert,
    ssl_key_file: files.key,
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(path.join(bin, 'postgres'), ['-D', data, ...options], {
    ...as,
    cwd: files.folder,
    stdio: 'ignore',
  })
  const stop = async (): Promise<void> => {
    await end(child, 'SIGQUIT')
    await rm(files.folder, { recursive: true, force: true })
  }
  const ready = async (): Promise<boolean> =>
    run(path.join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    )
  try {
    await answering(child, 'postgres', ready)
    const env = { ...process.env, PGPASSWORD: POSTGRES_ACCOUNT.password, PGSSLMODE: 'require' }
    const client = ['-h', '127.0.0.1', '-p', String(port), '-U', POSTGRES_ACCOUNT.user]
    await run(path.join(bin, 'createdb'), [...client, '--maintenance-db=postgres', POSTGRES_ACCOUNT.user], { env })
  } catch (error) {
    await stop()
    throw error
  }
  return { port, ca: files.ca, stop, [Symbol.asyncDispose]: stop }
}

async function postgresFolder(): Promise<string> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch(() => [])
  for (const version of versions.toSorted((one, other) => Number(other) - Number(one))) {
    const bin = path.join(root, version, 'bin')
    if (await exists(path.join(bin, 'postgres'))) return bin
  }
  const { stdout } = await run('which', ['postgres']).catch(() => ({ stdout: '' }))
  if (stdout === '') throw new Error('no postgres server is installed')
  return path.dirname(stdout.trim())
}

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, user])).stdout)
  return { uid: await id('-u'), gid: await id('-g') }
}

/** Starts a Redis of its own that listens with TLS alone, and wants a password. */
export async function startSecureRedis(password: string): Promise<SecureServer> {
  const files = await writeFiles('redis')
  const port = await freePort()
  const settings = [
    '--port',
    '0',
    '--tls-port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    files.folder,
  ]
  const tls = [
    '--tls-cert-file',
    files.cert,
    '--tls-key-file',
    files.key,
    '--tls-ca-cert-file',
    files.ca,
    '--tls-auth-clients',
    'no',
  ]
  const child = spawn('redis-server', [...settings, ...tls, '--requirepass', password], { stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    await end(child, 'SIGKILL')
    await rm(files.folder, { recursive: true, force: true })
  }
  try {
    await answering(child, 'redis-server', () => listens(port))
  } catch (error) {
    await stop()
    throw error
  }
  return { port, ca: files.ca, stop, [Symbol.asyncDispose]: stop }
}

/** Starts a RabbitMQ of its own that listens with TLS alone, and has the user `keploy` with a password. */
export async function startSecureRabbitmq(password: string): Promise<SecureServer> {
  const files = await writeFiles('rabbitmq')
  const [port, nodePort, mapper] = [await freePort(), await freePort(), await freePort()]
  const configuration = path.join(files.folder, 'rabbitmq.conf')
  const plugins = path.join(files.folder, 'enabled_plugins')
  const lines = [
    'listeners.tcp = none',
    `listeners.ssl.1 = 127.0.0.1:${port}`,
    `ssl_options.cacertfile = ${files.ca}`,
    `ssl_options.certfile = ${files.cert}`,
    `ssl_options.keyfile = ${files.key}`,
    'ssl_options.verify = verify_none',
    'ssl_options.fail_if_no_peer_cert = false',
    'default_user = keploy',
    `default_pass = ${password}`,
    'log.console = true',
    'log.file = false',
    'disk_free_limit.absolute = 1MB',
    'vm_memory_high_watermark.relative = 0.8',
  ]
  await writeFile(configuration, `${lines.join('\n')}\n`)
  await writeFile(plugins, '[].\n')
  const env = {
    PATH: process.env['PATH'],
    HOME: files.folder,
    ERL_EPMD_PORT: String(mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `keploy-tls-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(nodePort),
    RABBITMQ_MNESIA_BASE: path.join(files.folder, 'data'),
    RABBITMQ_LOG_BASE: path.join(files.folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_PID_FILE: path.join(files.folder, 'pid'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_ADVANCED_CONFIG_FILE: path.join(files.folder, 'advanced.config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false',
  }
  // Without one of ours, the node would start one that outlives it.
  const epmd = spawn('epmd', ['-port', String(mapper), '-address', '127.0.0.1'], { env, stdio: 'ignore' })
  const program = (await exists('/usr/lib/rabbitmq/bin/rabbitmq-server'))
    ? '/usr/lib/rabbitmq/bin/rabbitmq-server'
    : 'rabbitmq-server'
  const child = spawn(program, { env, stdio: 'ignore', detached: true })
  const stop = async (): Promise<void> => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    // The script that starts it waits for Erlang, which would go on without it.
    if (exited !== undefined && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await exited
    await end(epmd, 'SIGKILL')
    await rm(files.folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await answering(child, 'rabbitmq-server', () => listens(port))
  } catch (error) {
    await stop()
    throw error
  }
  return { port, ca: files.ca, stop, [Symbol.asyncDispose]: stop }
}

/** Starts a MariaDB that offers TLS; the account in its URL may do without. */
export async function startSecureMysql(): Promise<SecureServer & { readonly url: string }> {
  const files = await writeFiles('mysql')
  // The server runs as another user where this is root.
  await chmod(files.folder, 0o755)
  await chmod(files.key, 0o644)
  const settings = { 'ssl-ca': files.ca, 'ssl-cert': files.cert, 'ssl-key': files.key }
  const fixtures = startFixtures({ shop: mysql({ providers: ['local'], settings }) })
  const stop = async (): Promise<void> => {
    await fixtures.close()
    await rm(files.folder, { recursive: true, force: true })
  }
  try {
    const { url } = await fixtures.acquire('shop')
    return { url, port: Number(new URL(url).port), ca: files.ca, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Starts a FerretDB that listens with TLS alone. KEPLOY_FIXTURES_MONGODB_BIN says where it is. */
export async function startSecureMongodb(): Promise<SecureServer> {
  const program = process.env['KEPLOY_FIXTURES_MONGODB_BIN']
  if (program === undefined) throw new Error('set KEPLOY_FIXTURES_MONGODB_BIN by scripts/services/prepare.sh')
  const files = await writeFiles('mongodb')
  const port = await freePort()
  await Promise.all(['data', 'state'].map((name) => mkdir(path.join(files.folder, name))))
  const tls = [
    `--listen-tls=127.0.0.1:${port}`,
    `--listen-tls-cert-file=${files.cert}`,
    `--listen-tls-key-file=${files.key}`,
  ]
  const storage = ['--handler=sqlite', '--sqlite-url=file:data/', '--state-dir=state', '--listen-addr=']
  const child = spawn(program, [...storage, ...tls, '--debug-addr=-', '--telemetry=disable'], {
    cwd: files.folder,
    stdio: 'ignore',
  })
  const stop = async (): Promise<void> => {
    await end(child, 'SIGKILL')
    await rm(files.folder, { recursive: true, force: true })
  }
  try {
    await answering(child, 'ferretdb', () => listens(port))
  } catch (error) {
    await stop()
    throw error
  }
  return { port, ca: files.ca, stop, [Symbol.asyncDispose]: stop }
}
