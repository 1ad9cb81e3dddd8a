import type { Value } from '@keploy-framework/format'

import { isTree } from '../../protocol/value.ts'
import { writeBatch } from '../records/record-batch.ts'
import { recordOf } from '../records/record-tree.ts'
import type { KafkaRecord } from '../records/record.ts'
import { fromBigInt, textOf, toBigInt, trees, type Tree } from '../struct.ts'
import type { Handler, ServerContext } from './context.ts'

/** How often a request that waits for records looks again. */
const LOOK_MS = 50
/** Records that one answer holds for one partition. */
const MOST_RECORDS = 500

/** Serves recorded records from the offset that the client is at; waits as long as it wants to while there are none. */
export const fetch: Handler = (context, { body }, reply) => {
  const longest = typeof body['maxWaitMs'] === 'number' ? Math.min(Math.max(body['maxWaitMs'], 0), 30_000) : 0
  let waited = 0
  const look = (): void => {
    const responses = trees(body['topics']).map((topic) => ({
      topic: topic['topic'] ?? null,
      partitions: trees(topic['partitions']).map(({ partition, fetchOffset }) => {
        const from = toBigInt(fetchOffset) ?? 0n
        const records = recordsFrom(context, topic['topic'] ?? null, partition ?? 0, from)
        const end = fromBigInt((records.at(-1)?.offset ?? from - 1n) + 1n)
        return {
          partitionIndex: partition ?? 0,
          errorCode: 0,
          highWatermark: end,
          lastStableOffset: end,
          logStartOffset: 0,
          abortedTransactions: [],
          preferredReadReplica: -1,
          records: writeBatch(records),
        }
      }),
    }))
    const found = responses.some(({ partitions }) => partitions.some(({ records }) => records.length > 0))
    if (found || waited >= longest) {
      reply({ errorCode: 0, sessionId: 0, responses })
      return
    }
    const pause = Math.min(LOOK_MS, longest - waited)
    waited += pause
    context.options.schedule(pause, look)
  }
  look()
}

/** The next records of a partition: those that a recorded answer brings now, and those that were given out before. */
function recordsFrom(context: ServerContext, topic: Value, partition: Value, from: bigint): readonly KafkaRecord[] {
  const place = `${textOf(topic)}/${textOf(partition)}`
  const released = context.state.released.get(place) ?? []
  const own = writtenIn(context)
  const late = ({ offset }: KafkaRecord): boolean => {
    const at = `${place}@${offset}`
    return own.has(at) && !context.state.produced.has(at)
  }
  const next = nextCall(context, topic, partition, from)
  if (next !== undefined && !late(next.first)) {
    const answer = context.options.answer({ operation: 'Fetch', request: next.request, lifetime: 'test' })
    if (answer.type === 'answer' && isTree(answer.response)) {
      const known = new Set(released.map(({ offset }) => offset))
      released.push(...recordsOf(answer.response).filter(({ offset }) => !known.has(offset)))
      released.sort((a, b) => (a.offset < b.offset ? -1 : 1))
      context.state.released.set(place, released)
    }
  }
  const ready: KafkaRecord[] = []
  for (const record of released) {
    if (record.offset < from) continue
    const previous = ready.at(-1)
    // What lies before it is not given out yet, or it is an answer of its own.
    if (
      previous === undefined
        ? next !== undefined && next.first.offset < record.offset
        : previous.offset + 1n !== record.offset
    )
      break
    if (late(record) || ready.length >= MOST_RECORDS) break
    const live = context.state.produced.get(`${place}@${record.offset}`)
    ready.push(live === undefined ? record : { ...live, offset: record.offset, timestamp: record.timestamp })
  }
  return ready
}

/** The recorded answer that has the first record at or after an offset. */
function nextCall(
  context: ServerContext,
  topic: Value,
  partition: Value,
  from: bigint,
): { readonly request: Value; readonly first: KafkaRecord } | undefined {
  let best: { readonly request: Value; readonly first: KafkaRecord } | undefined
  for (const { request, response } of context.options.recorded('Fetch')) {
    if (!isTree(request) || request['topic'] !== topic || request['partition'] !== partition || !isTree(response))
      continue
    const first = recordsOf(response).find(({ offset }) => offset >= from)
    if (first !== undefined && (best === undefined || first.offset < best.first.offset)) best = { request, first }
  }
  return best
}

const parsed = new WeakMap<object, readonly KafkaRecord[]>()

function recordsOf(response: Tree): readonly KafkaRecord[] {
  const known = parsed.get(response)
  if (known !== undefined) return known
  const records = trees(response['records']).flatMap((record) => recordOf(record) ?? [])
  records.sort((a, b) => (a.offset < b.offset ? -1 : 1))
  parsed.set(response, records)
  return records
}

const written = new WeakMap<object, ReadonlySet<string>>()

/** Places of records that the service wrote itself in the recording: nobody reads them before it has written them again. */
function writtenIn(context: ServerContext): ReadonlySet<string> {
  const recorded = context.options.recorded('Produce')
  const known = written.get(recorded)
  if (known !== undefined) return known
  const places = new Set<string>()
  written.set(recorded, places)
  for (const { request, response } of recorded) {
    if (!isTree(request) || !isTree(response) || response['offset'] === undefined) continue
    places.add(`${textOf(request['topic'])}/${textOf(response['partition'])}@${textOf(response['offset'])}`)
  }
  return places
}
