import type { Value } from '@keploy-framework/format'

import { isTree } from '../../protocol/value.ts'
import { apis, playedVersions } from '../schemas/apis.ts'
import { textOf, trees, type Tree } from '../struct.ts'
import type { Handler, ServerContext } from './context.ts'

/** Not offered, so that clients take the older ways, which are played: new groups, their descriptions, telemetry, paged metadata. */
const NOT_OFFERED = new Set([68, 69, 71, 72, 75])

/** What the mock server speaks, as far as the recorded broker spoke it too. */
export const apiVersions: Handler = ({ options }, _request, reply) => {
  reply({ errorCode: 0, apiKeys: offered(options.recorded('ApiVersions').map(({ response }) => response)) })
}

/** The versions of each API that are offered. */
export function offered(recorded: readonly (Value | undefined)[]): readonly Tree[] {
  const broker = recorded.flatMap((response) => (isTree(response) ? [trees(response['apiKeys'])] : [])).at(-1)
  return [...apis.values()].flatMap((schema) => {
    const { key } = schema
    const versions = playedVersions(schema)
    const known = broker?.find((each) => each['apiKey'] === key)
    if (NOT_OFFERED.has(key) || (broker !== undefined && known === undefined)) return []
    const minVersion = Math.max(versions[0], Number(known?.['minVersion'] ?? 0))
    const maxVersion = Math.min(versions[1], Number(known?.['maxVersion'] ?? versions[1]))
    return minVersion > maxVersion ? [] : [{ apiKey: key, minVersion, maxVersion }]
  })
}

/** The topics of the recorded cluster; all of them are led by the one broker that is played. */
export const metadata: Handler = (context, { body, version }, reply) => {
  const known = recordedTopics(context)
  const asked = body['topics']
  // Version 0 asks for all topics by an empty list.
  const all = !Array.isArray(asked) || (version === 0 && asked.length === 0)
  const named = all
    ? [...known.values()].filter((topic) => topic['errorCode'] === 0)
    : trees(asked).map((topic) => topicOf(topic, known))
  const node = nodeOf(context)
  const answers = recordedMetadata(context)
  reply({
    brokers: [{ nodeId: node, ...context.options.address, rack: null }],
    clusterId: answers.map(({ clusterId }) => clusterId).find((id) => typeof id === 'string') ?? 'recorded',
    controllerId: node,
    topics: named.map((topic) => ({
      ...topic,
      partitions: trees(topic['partitions']).map((partition) => ({
        ...partition,
        errorCode: 0,
        leaderId: node,
        leaderEpoch: 0,
        replicaNodes: [node],
        isrNodes: [node],
        offlineReplicas: [],
      })),
    })),
  })
}

/** A topic as it was recorded. One that was not exists nevertheless, so that what is written to it is told as a miss. */
function topicOf(asked: Tree, known: ReadonlyMap<string, Tree>): Tree {
  const byId = [...known.values()].find(
    (topic) => topic['topicId'] !== undefined && topic['topicId'] === asked['topicId'],
  )
  const found = typeof asked['name'] === 'string' ? known.get(asked['name']) : byId
  return found ?? { errorCode: 0, name: asked['name'] ?? null, isInternal: false, partitions: [{ partitionIndex: 0 }] }
}

function recordedTopics(context: ServerContext): ReadonlyMap<string, Tree> {
  const topics = new Map<string, Tree>()
  for (const answer of recordedMetadata(context)) {
    for (const topic of trees(answer['topics'])) {
      const name = textOf(topic['name'])
      // A topic that is being created is not there yet: what came after says what it is.
      if (
        topic['errorCode'] === 0 &&
        trees(topic['partitions']).length >= trees(topics.get(name)?.['partitions']).length
      ) {
        topics.set(name, topic)
      }
    }
  }
  for (const operation of ['Fetch', 'Produce']) {
    for (const { request, response } of context.options.recorded(operation)) {
      if (!isTree(request)) continue
      const name = textOf(request['topic'])
      const last = Number(
        (operation === 'Fetch' ? request['partition'] : isTree(response) ? response['partition'] : 0) ?? 0,
      )
      const partitions = trees(topics.get(name)?.['partitions'])
      if (!(last >= partitions.length && last < 10_000)) continue
      topics.set(name, {
        errorCode: 0,
        name,
        isInternal: false,
        ...topics.get(name),
        partitions: Array.from({ length: last + 1 }, (_, partitionIndex) => ({ partitionIndex })),
      })
    }
  }
  return topics
}

function recordedMetadata(context: ServerContext): readonly Tree[] {
  return context.options.recorded('Metadata').flatMap(({ response }) => (isTree(response) ? [response] : []))
}

/** The id of the broker that is played: the first one that was recorded. */
export function nodeOf(context: ServerContext): number {
  const id = recordedMetadata(context).flatMap((answer) => trees(answer['brokers']).map(({ nodeId }) => nodeId))[0]
  return typeof id === 'number' ? id : 1
}

export const findCoordinator: Handler = (context, { body }, reply) => {
  const place = { nodeId: nodeOf(context), ...context.options.address, errorCode: 0, errorMessage: null }
  const keys = Array.isArray(body['coordinatorKeys']) ? (body['coordinatorKeys'] as readonly Value[]) : []
  reply({ ...place, coordinators: keys.map((key) => ({ key, ...place })) })
}

export const describeCluster: Handler = (context, _request, reply) => {
  const clusterId = recordedMetadata(context).map((answer) => answer['clusterId'])[0] ?? 'recorded'
  const node = nodeOf(context)
  reply({
    errorCode: 0,
    clusterId,
    controllerId: node,
    brokers: [{ brokerId: node, ...context.options.address, rack: null }],
  })
}
