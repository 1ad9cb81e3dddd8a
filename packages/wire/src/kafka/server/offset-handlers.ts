import type { Value } from '@keploy-framework/format'

import { isTree } from '../../protocol/value.ts'
import { recordOf } from '../records/record-tree.ts'
import { fromBigInt, toBigInt, trees, type Tree } from '../struct.ts'
import type { Handler, ServerContext } from './context.ts'
import { mirror } from './mirror.ts'

/** Keeps the offsets for the rest of the replay. */
export const commitOffsets: Handler = ({ state }, { body, schema, version }, reply) => {
  for (const topic of trees(body['topics'])) {
    for (const { partitionIndex, committedOffset } of trees(topic['partitions'])) {
      const offset = toBigInt(committedOffset)
      if (offset !== undefined)
        state.committed.set(place(body['groupId'], topic['name'], partitionIndex), fromBigInt(offset))
    }
  }
  reply(mirror(schema.response, version, { topics: body['topics'] ?? [] }, 0))
}

/** What was committed in this replay, else what the recorded broker had when it was first asked. */
export const fetchOffsets: Handler = (context, { body }, reply) => {
  const one = (group: Tree): Tree => ({
    groupId: group['groupId'] ?? '',
    errorCode: 0,
    topics: (Array.isArray(group['topics']) ? trees(group['topics']) : recordedGroup(context, group['groupId'])).map(
      (topic) => ({
        name: topic['name'] ?? null,
        partitions: partitionsOf(topic).map((partitionIndex) => ({
          partitionIndex,
          committedOffset: committed(context, group['groupId'], topic['name'], partitionIndex),
          committedLeaderEpoch: -1,
          metadata: '',
          errorCode: 0,
        })),
      }),
    ),
  })
  reply({ ...one(body), groups: trees(body['groups']).map(one) })
}

function partitionsOf(topic: Tree): readonly Value[] {
  const indexes =
    topic['partitionIndexes'] ?? trees(topic['partitions']).map(({ partitionIndex }) => partitionIndex ?? 0)
  return Array.isArray(indexes) ? (indexes as readonly Value[]) : []
}

function committed(
  context: ServerContext,
  group: Value | undefined,
  topic: Value | undefined,
  partition: Value,
): Value {
  const live = context.state.committed.get(place(group, topic, partition))
  if (live !== undefined) return live
  const recorded = recordedGroup(context, group)
    .filter(({ name }) => name === topic)
    .flatMap(({ partitions }) => trees(partitions))
    .find(({ partitionIndex }) => partitionIndex === partition)
  return recorded?.['committedOffset'] ?? -1
}

/** The topics that answers for a group told, in recorded order; in all versions of the answer. */
function recordedGroup(context: ServerContext, group: Value | undefined): readonly Tree[] {
  return context.options.recorded('OffsetFetch').flatMap(({ request, response }) => {
    if (!isTree(request) || !isTree(response)) return []
    const own = request['groupId'] === group ? trees(response['topics']) : []
    const grouped = trees(response['groups']).filter(({ groupId }) => groupId === group)
    return [...own, ...grouped.flatMap(({ topics }) => trees(topics))]
  })
}

function place(group: Value | undefined, topic: Value | undefined, partition: Value | undefined): string {
  return JSON.stringify([group, topic, partition])
}

/** As recorded, answer by answer; for partitions that were not asked for, from the records that were fetched. */
export const listOffsets: Handler = (context, { body }, reply) => {
  reply({
    topics: trees(body['topics']).map((topic) => ({
      name: topic['name'] ?? null,
      partitions: trees(topic['partitions']).map(({ partitionIndex, timestamp }) => {
        const found = offsetAt(context, topic['name'] ?? null, partitionIndex ?? 0, timestamp ?? -1)
        return {
          partitionIndex: partitionIndex ?? 0,
          errorCode: 0,
          timestamp: -1,
          ...found,
          oldStyleOffsets: [found.offset],
        }
      }),
    })),
  })
}

function offsetAt(
  context: ServerContext,
  topic: Value,
  partition: Value,
  timestamp: Value,
): { readonly offset: Value } {
  const recorded = context.options.recorded('ListOffsets').flatMap(({ request, response }) => {
    if (!isTree(request) || !isTree(response)) return []
    const asked = partitionIn(request, topic, partition)
    const answered = partitionIn(response, topic, partition)
    if (
      asked === undefined ||
      asked['timestamp'] !== timestamp ||
      answered === undefined ||
      answered['errorCode'] !== 0
    )
      return []
    const old = answered['oldStyleOffsets']
    const offset = answered['offset'] ?? (Array.isArray(old) ? (old as readonly Value[])[0] : undefined)
    return [{ offset: offset ?? -1, ...(answered['timestamp'] !== undefined && { timestamp: answered['timestamp'] }) }]
  })
  const turn = context.state.count(JSON.stringify(['ListOffsets', topic, partition, timestamp]))
  const found = recorded[Math.min(turn, recorded.length - 1)]
  if (found !== undefined) return found
  if (timestamp !== -1 && timestamp !== -2) return { offset: -1 }
  const offsets = context.options
    .recorded('Fetch')
    .filter(({ request }) => isTree(request) && request['topic'] === topic && request['partition'] === partition)
    .flatMap(({ response }) => (isTree(response) ? trees(response['records']) : []))
    .flatMap((record) => recordOf(record)?.offset ?? [])
  return { offset: fromBigInt(offsets.reduce((least, offset) => (offset < least ? offset : least), offsets[0] ?? 0n)) }
}

function partitionIn(message: Tree, topic: Value, partition: Value): Tree | undefined {
  return trees(message['topics'])
    .filter(({ name }) => name === topic)
    .flatMap(({ partitions }) => trees(partitions))
    .find(({ partitionIndex }) => partitionIndex === partition)
}

/** Where the records of an epoch end: unknown, which every client takes as "nothing was lost". */
export const leaderEpochs: Handler = (_context, { body }, reply) => {
  reply({
    topics: trees(body['topics']).map((topic) => ({
      topic: topic['topic'] ?? null,
      partitions: trees(topic['partitions']).map(({ partition, leaderEpoch }) => ({
        errorCode: 0,
        partition: partition ?? 0,
        leaderEpoch: leaderEpoch ?? -1,
        endOffset: '9223372036854775807',
      })),
    })),
  })
}
