import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

import { createLocalCa } from '@keploy-framework/intercept'
import { Kafka, logLevel } from 'kafkajs'

import { freePort } from './run-cli.ts'
import type { SecureServer } from './secure-servers.ts'

const run = promisify(execFile)

/** Who may log in, by PLAIN and by SCRAM-SHA-256. */
export const KAFKA_ACCOUNT = { username: 'ada', password: 'lovelace-1815' } as const

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule'
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule'

/** Starts a Kafka whose clients need TLS and a login; with `tls: false` the login alone. KAFKA_HOME says where it is. */
export async function startSecureKafka({ tls }: { readonly tls: boolean }): Promise<SecureServer> {
  const home = process.env['KAFKA_HOME']
  if (home === undefined) throw new Error('set KAFKA_HOME by scripts/services/prepare.sh')
  const folder = await mkdtemp(path.join(tmpdir(), 'keploy-kafka-tls-'))
  const authority = createLocalCa()
  const own = authority.certificateFor('localhost')
  const ca = path.join(folder, 'ca.pem')
  await writeFile(ca, authority.cert)
  await writeFile(path.join(folder, 'store.pem'), own.key + own.cert)
  const [port, inside, controller] = [await freePort(), await freePort(), await freePort()]
  const { username, password } = KAFKA_ACCOUNT
  const listener = tls ? 'SASL_SSL' : 'SASL_PLAINTEXT'
  const prefix = `listener.name.${listener.toLowerCase()}`
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INSIDE',
    listeners: `${listener}://127.0.0.1:${port},INSIDE://127.0.0.1:${inside},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `${listener}://127.0.0.1:${port},INSIDE://127.0.0.1:${inside}`,
    'listener.security.protocol.map': `${listener}:${listener},INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    [`${prefix}.plain.sasl.jaas.config`]: `${PLAIN} required user_${username}="${password}";`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: `${SCRAM} required;`,
    ...(tls && { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': path.join(folder, 'store.pem') }),
    'log.dirs': 'data',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '4194304',
    'num.partitions': '1',
  }
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(path.join(folder, 'server.properties'), lines.join(''))
  const classes = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${home}/libs/*`]
  const user = `SCRAM-SHA-256=[name=${username},password=${password}]`
  const format = [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'AAAAAAAAAAAAAAAAAAAAAQ',
    '-c',
    'server.properties',
    '--add-scram',
    user,
  ]
  await run('java', [...classes, ...format], { cwd: folder })
  const child = spawn('java', [...classes, 'kafka.Kafka', 'server.properties'], { cwd: folder, stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const pem = await readFile(ca, 'utf8')
    const admin = new Kafka({
      brokers: [`localhost:${port}`],
      logLevel: logLevel.NOTHING,
      ...(tls && { ssl: { ca: [pem] } }),
      sasl: { mechanism: 'plain', ...KAFKA_ACCOUNT },
      retry: { retries: 0 },
    }).admin()
    for (let made = false; !made;) {
      if (child.exitCode !== null) throw new Error('Kafka ended before it was ready')
      made = await admin
        .connect()
        .then(() => admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }], waitForLeaders: true }))
        .catch(() => false)
      if (!made) await pause(200)
    }
    await admin.disconnect()
  } catch (error) {
    await stop()
    throw error
  }
  return { port, ca, stop, [Symbol.asyncDispose]: stop }
}
