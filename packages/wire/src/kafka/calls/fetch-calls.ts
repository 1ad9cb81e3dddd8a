import { readBatches } from '../records/record-batch.ts'
import { recordTree } from '../records/record-tree.ts'
import type { KafkaRecord } from '../records/record.ts'
import { fromBigInt, textOf, toBigInt, trees, type Tree } from '../struct.ts'
import { topicName } from './topic-names.ts'

/** Records that one answer brought for one partition. */
export interface FetchedRecords {
  readonly request: Tree
  readonly response: Tree
}

/**
 * Follows what the Fetch requests of one connection ask for. With fetch sessions a request names only partitions whose
 * position changed, so the positions of the others are those asked for last.
 */
export class FetchPositions {
  readonly #offsets = new Map<string, bigint>()

  asked(body: Tree): void {
    if (body['sessionEpoch'] === 0 || body['sessionEpoch'] === -1) this.#offsets.clear()
    for (const topic of trees(body['topics'])) {
      for (const { partition, fetchOffset } of trees(topic['partitions'])) {
        this.#offsets.set(`${textOf(topicName(topic))}/${textOf(partition)}`, toBigInt(fetchOffset) ?? 0n)
      }
    }
  }

  /** The partitions for which records came. Throws a `RangeError` where records cannot be read. */
  answered(body: Tree, committedOnly: boolean): readonly FetchedRecords[] {
    const found: FetchedRecords[] = []
    for (const topic of trees(body['responses'])) {
      for (const partition of trees(topic['partitions'])) {
        const bytes = partition['records']
        if (!(bytes instanceof Uint8Array)) continue
        const place = `${textOf(topicName(topic))}/${textOf(partition['partitionIndex'])}`
        const from = this.#offsets.get(place) ?? 0n
        const aborted = committedOnly ? trees(partition['abortedTransactions']) : []
        // A batch comes whole, also where the position lies within it.
        const records = visible(bytes, aborted).filter(({ offset }) => offset >= from)
        if (records.length === 0) continue
        found.push({
          request: {
            api: 'Fetch',
            topic: topicName(topic),
            partition: partition['partitionIndex'] ?? null,
            offset: fromBigInt(from),
          },
          response: { records: records.map((record) => recordTree(record)) },
        })
      }
    }
    return found
  }
}

/** Records without those of aborted transactions, which a client that reads committed ones drops. */
function visible(bytes: Uint8Array, aborted: readonly Tree[]): readonly KafkaRecord[] {
  const waiting = aborted
    .map((each) => ({ producer: toBigInt(each['producerId']) ?? -1n, from: toBigInt(each['firstOffset']) ?? 0n }))
    .sort((a, b) => (a.from < b.from ? -1 : 1))
  const dead = new Set<bigint>()
  const records: KafkaRecord[] = []
  for (const batch of readBatches(bytes)) {
    const first = batch.records[0]?.offset
    while (first !== undefined && waiting[0] !== undefined && waiting[0].from <= first)
      dead.add((waiting.shift() as { producer: bigint }).producer)
    if (batch.marker === 'abort') dead.delete(batch.producerId)
    if (!batch.transactional || !dead.has(batch.producerId)) records.push(...batch.records)
  }
  return records
}
