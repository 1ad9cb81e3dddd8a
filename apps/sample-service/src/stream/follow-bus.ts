import { randomUUID } from 'node:crypto'

import type { EventBus } from '../bus/event-bus.ts'
import { agentEvent } from '../chains/agent-event.ts'
import { deltaEvent } from '../conversation/deltas.ts'
import { conversationEvent } from '../events/conversation-event.ts'
import type { EventSchema } from '../events/event-schema.ts'
import { requireEvent } from '../events/require-event.ts'
import { topics } from '../events/topics.ts'
import type { SessionStreams } from './session-streams.ts'

/**
 * Wakes the streams of this process when something happens in their sessions, whichever process did it. Each gateway is
 * a group of its own, so that all of them hear everything.
 */
export async function followBus(bus: EventBus, streams: SessionStreams): Promise<AsyncDisposable> {
  const group = `gateway-${randomUUID()}`
  const options = { from: 'latest', concurrency: 256 } as const
  const follow = <Event>(topic: string, name: string, schema: EventSchema<Event>, tell: (event: Event) => void) =>
    bus.consume(topic, `${group}-${name}`, async ({ value }) => tell(requireEvent(value, schema)), options)
  const consumers = await Promise.all([
    // Only which session it is counts: its events are read from the database, in order. The worker looks at what users
    // say; nobody but gateways looks at the rest, so that they are who buries poison there.
    bus.consume(topics.inbound, `${group}-inbound`, async ({ key }) => streams.wake(key), options),
    follow(topics.outbound, 'outbound', conversationEvent, ({ session_id }) => streams.wake(session_id)),
    follow(topics.agentEvents, 'agents', agentEvent, ({ session_id }) => streams.wake(session_id)),
    follow(topics.deltas, 'deltas', deltaEvent, (delta) => streams.piece(delta)),
  ])
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(consumers.map((consumer) => consumer[Symbol.asyncDispose]()))
    },
  }
}
