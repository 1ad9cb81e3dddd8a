import { kafka, startFixtures } from '@keploy-framework/fixtures'
import type { ReadCall } from '@keploy-framework/wire'
import { expect } from 'vitest'

import { recordKafka, replayKafka } from './kafka-relays.ts'

/** Names that are of this test alone. */
export interface Names {
  readonly orders: string
  readonly bills: string
  readonly group: string
  readonly transaction: string
  /** A topic that does not exist. */
  readonly fresh: string
}

/** Runs a client against a real broker, stops that one, and runs the client against its recorded calls. */
export async function recordAndReplay<T>(
  run: (broker: string, names: Names) => Promise<T>,
): Promise<{ readonly real: T; readonly replayed: T; readonly calls: readonly ReadCall[]; readonly names: Names }> {
  const recorded = await record(run)
  await using replay = await replayKafka(recorded.calls)
  const replayed = await run(replay.broker, recorded.names)
  expect(replay.misses).toEqual([])
  expect(replay.unused()).toEqual([])
  return { ...recorded, replayed }
}

/** Runs a client against a real broker through relays; the broker is gone afterwards. */
export async function record<T>(run: (broker: string, names: Names) => Promise<T>) {
  await using fixtures = startFixtures({ kafka: kafka() })
  await using broker = await fixtures.acquire('kafka')
  const [orders, bills] = [broker.topic('orders', { partitions: 2 }), broker.topic('bills')]
  await Promise.all([orders.ready(), bills.ready()])
  const names = {
    orders: orders.name,
    bills: bills.name,
    group: broker.group('billing'),
    transaction: broker.transactionalId('tx'),
    fresh: `${orders.name}-fresh`,
  }
  await using recording = await recordKafka(broker.brokers[0] as string)
  const real = await run(recording.broker, names)
  expect(recording.gaps).toEqual([])
  expect(recording.problems).toEqual([])
  return { real, calls: recording.calls, names }
}
