/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Kafka that need not run, for librdkafka and Java
 * Impact: a suite that runs in seconds, anywhere
 */
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { recordAndReplay, type Names } from './record-and-replay.ts'

const run = promisify(execFile)
const clients = join(import.meta.dirname, 'clients')
// Python with confluent-kafka (librdkafka); Java with the client of a Kafka that is unpacked here.
const python = process.env['KEPLOY_TEST_PYTHON'] ?? 'python3'
const jars =
  process.env['KEPLOY_KAFKA_CLIENT'] ??
  (process.env['KAFKA_HOME'] === undefined ? undefined : join(process.env['KAFKA_HOME'], 'libs', '*'))

function works(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const args = (broker: string, { orders, group, transaction }: Names) => [broker, orders, group, transaction]

describe.skipIf(!works(python, ['-c', 'import confluent_kafka']))('librdkafka', () => {
  test('writes, in a transaction too, and reads in a group without its broker', { timeout: 120_000 }, async () => {
    const { real, replayed } = await recordAndReplay(async (broker, names) => {
      const { stdout } = await run(python, [join(clients, 'service.py'), ...args(broker, names)], { timeout: 45_000 })
      return stdout.trim()
    })
    expect(real).toBe('k kept,one one,two two')
    expect(replayed).toBe(real)
  })
})

describe.skipIf(jars === undefined || !works('java', ['-version']))('the Java client', () => {
  test(
    'writes, in a transaction too, reads in a group and describes topics without its broker',
    { timeout: 120_000 },
    async () => {
      const { real, replayed } = await recordAndReplay(async (broker, names) => {
        const { stdout } = await run(
          'java',
          ['-cp', jars ?? '', join(clients, 'Service.java'), ...args(broker, names)],
          {
            timeout: 50_000,
          },
        )
        return stdout.trim()
      })
      expect(real).toBe('k kept,nodes 1,one one,partitions 2,two two')
      expect(replayed).toBe(real)
    },
  )
})
