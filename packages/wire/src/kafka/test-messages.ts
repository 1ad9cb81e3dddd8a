import type { Value } from '@keploy-framework/format'

import { writeRequest, writeResponse } from './message.ts'
import { writeBatch } from './records/record-batch.ts'
import type { KafkaRecord } from './records/record.ts'
import { apiNamed } from './schemas/apis.ts'
import type { ApiSchema } from './schemas/schema.ts'
import type { Tree } from './struct.ts'

/** A record of texts, for tests. */
export function record(
  offset: number,
  key: string | null,
  value: string | null,
  headers: Record<string, string> = {},
): KafkaRecord {
  return {
    offset: BigInt(offset),
    timestamp: 1_700_000_000_000n + BigInt(offset),
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: Object.entries(headers).map(([name, each]) => [Buffer.from(name), Buffer.from(each)] as const),
  }
}

function schemaOf(name: string): ApiSchema {
  const schema = apiNamed(name)
  if (schema === undefined) throw new Error(`no API ${name}`)
  return schema
}

/** A whole frame from a client. */
export function ask(name: string, version: number, correlationId: number, body: Tree): Buffer {
  return writeRequest(schemaOf(name), version, { correlationId, clientId: 'test', body })
}

/** A whole frame from a broker. */
export function tell(name: string, version: number, correlationId: number, body: Tree): Buffer {
  return writeResponse(schemaOf(name), version, correlationId, body)
}

/** The body of a request that writes records to partition 0 of a topic. */
export function produceBody(topic: string, records: readonly KafkaRecord[], more: Tree = {}): Tree {
  const partitionData: Value = [{ index: 0, records: writeBatch(records) }]
  return { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [{ name: topic, partitionData }], ...more }
}

/** The body of its answer. */
export function producedBody(topic: string, baseOffset: number, errorCode = 0): Tree {
  return { responses: [{ name: topic, partitionResponses: [{ index: 0, errorCode, baseOffset }] }] }
}

/** The body of a request for records of partition 0 of a topic. */
export function fetchBody(topic: string, fetchOffset: number, more: Tree = {}): Tree {
  const partitions: Value = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }]
  return { maxWaitMs: 100, minBytes: 1, sessionEpoch: -1, isolationLevel: 1, topics: [{ topic, partitions }], ...more }
}

/** The body of its answer. */
export function fetchedBody(topic: string, records: readonly KafkaRecord[]): Tree {
  return {
    responses: [
      { topic, partitions: [{ partitionIndex: 0, errorCode: 0, highWatermark: 9, records: writeBatch(records) }] },
    ],
  }
}

/** A conversation as a producer and consumer has it: both directions, frame by frame. */
export const conversation: readonly { readonly from: 'client' | 'server'; readonly bytes: Buffer }[] = [
  { from: 'client', bytes: ask('ApiVersions', 3, 1, { clientSoftwareName: 'test', clientSoftwareVersion: '1' }) },
  {
    from: 'server',
    bytes: tell('ApiVersions', 3, 1, {
      errorCode: 0,
      apiKeys: [
        { apiKey: 0, minVersion: 0, maxVersion: 13 },
        { apiKey: 17, minVersion: 0, maxVersion: 1 },
      ],
    }),
  },
  { from: 'client', bytes: ask('Metadata', 9, 2, { topics: [{ name: 'orders' }], allowAutoTopicCreation: true }) },
  {
    from: 'server',
    bytes: tell('Metadata', 9, 2, {
      brokers: [{ nodeId: 7, host: 'broker', port: 9092, rack: null }],
      clusterId: 'c',
      controllerId: 7,
      topics: [
        {
          errorCode: 0,
          name: 'orders',
          isInternal: false,
          partitions: [{ errorCode: 0, partitionIndex: 0, leaderId: 7, replicaNodes: [7], isrNodes: [7] }],
        },
      ],
    }),
  },
  {
    from: 'client',
    bytes: ask('Produce', 7, 3, produceBody('orders', [record(0, 'a', 'one', { by: 'test' }), record(1, null, 'two')])),
  },
  { from: 'server', bytes: tell('Produce', 7, 3, producedBody('orders', 40)) },
  { from: 'client', bytes: ask('Fetch', 11, 4, fetchBody('orders', 40)) },
  {
    from: 'server',
    bytes: tell('Fetch', 11, 4, fetchedBody('orders', [record(40, 'a', 'one'), record(41, null, 'two')])),
  },
  {
    from: 'client',
    bytes: ask('CreateTopics', 5, 5, {
      topics: [{ name: 'new', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 9,
    }),
  },
  {
    from: 'server',
    bytes: tell('CreateTopics', 5, 5, {
      topics: [
        {
          name: 'new',
          errorCode: 36,
          errorMessage: 'it exists',
          numPartitions: 1,
          replicationFactor: 1,
          configs: null,
        },
      ],
    }),
  },
]
