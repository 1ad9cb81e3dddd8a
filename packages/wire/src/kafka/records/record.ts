/** A message as it lies in a partition. */
export interface KafkaRecord {
  readonly offset: bigint
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: Buffer, value: Buffer | null])[]
}

/** A batch as it was read. */
export interface ReadBatch {
  readonly producerId: bigint
  readonly transactional: boolean
  /** Markers that end transactions, which are no messages: `abort` and `commit`. Another kind is neither. */
  readonly marker?: 'abort' | 'commit' | 'other'
  readonly records: readonly KafkaRecord[]
}
