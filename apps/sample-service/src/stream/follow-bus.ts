import { randomUUID } from 'node:crypto'

import type { EventBus } from '../bus/event-bus.ts'
import type { Delta } from '../conversation/deltas.ts'
import { topics } from '../events/topics.ts'
import type { SessionStreams } from './session-streams.ts'

/**
 * Wakes the streams of this process when something happens in their sessions, whichever process did it. Each gateway is
 * a group of its own, so that all of them hear everything.
 */
export async function followBus(bus: EventBus, streams: SessionStreams): Promise<AsyncDisposable> {
  const group = `gateway-${randomUUID()}`
  const options = { from: 'latest', concurrency: 256 } as const
  const consumers = await Promise.all([
    // The key says which session it is; the events are read from the database, in order.
    bus.consume(topics.inbound, `${group}-inbound`, async ({ key }) => streams.wake(key), options),
    bus.consume(topics.outbound, `${group}-outbound`, async ({ key }) => streams.wake(key), options),
    bus.consume(topics.agentEvents, `${group}-agents`, async ({ key }) => streams.wake(key), options),
    bus.consume(topics.deltas, `${group}-deltas`, async ({ value }) => streams.piece(value as Delta), options),
  ])
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(consumers.map((consumer) => consumer[Symbol.asyncDispose]()))
    },
  }
}
