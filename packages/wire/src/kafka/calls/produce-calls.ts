import { readBatches } from '../records/record-batch.ts'
import { contentTree } from '../records/record-tree.ts'
import { textOf, fromBigInt, toBigInt, type Tree, trees } from '../struct.ts'
import { topicName } from './topic-names.ts'

/** One record of a request to write, and where in the request it stands. */
export interface ProducedRecord {
  readonly topic: string
  readonly partition: number
  /** Its place among the records for this partition. */
  readonly index: number
  /** What is compared. The partition is not part of it: clients spread records without a key as they please. */
  readonly request: Tree
}

/** The records of a Produce request, each as a call of its own. Throws a `RangeError` where they cannot be read. */
export function producedRecords(body: Tree): readonly ProducedRecord[] {
  const { acks, transactionalId } = body
  const found: ProducedRecord[] = []
  for (const topic of trees(body['topicData'])) {
    for (const partition of trees(topic['partitionData'])) {
      const records = partition['records']
      if (!(records instanceof Uint8Array)) continue
      let index = 0
      for (const record of readBatches(records).flatMap((batch) => batch.records)) {
        found.push({
          topic: textOf(topicName(topic)),
          partition: Number(partition['index']),
          index: index++,
          request: {
            api: 'Produce',
            topic: topicName(topic),
            ...contentTree(record),
            ...(acks !== -1 && { acks: acks ?? null }),
            ...(typeof transactionalId === 'string' && { transactionalId }),
          },
        })
      }
    }
  }
  return found
}

/** What a Produce response says of one record. */
export function producedAnswer(record: ProducedRecord, body: Tree): Tree | undefined {
  const topic = trees(body['responses']).find((each) => topicName(each) === record.topic)
  const answer = trees(topic?.['partitionResponses']).find((each) => each['index'] === record.partition)
  if (answer === undefined) return undefined
  const { partition } = record
  if (answer['errorCode'] !== 0) {
    const message = answer['errorMessage']
    return {
      partition,
      errorCode: answer['errorCode'] ?? -1,
      ...(typeof message === 'string' && { errorMessage: message }),
    }
  }
  const base = toBigInt(answer['baseOffset']) ?? -1n
  return { partition, offset: base < 0n ? -1 : fromBigInt(base + BigInt(record.index)) }
}
