import { api, type ApiSchema } from './schema.ts'

/** Producers and their transactions: the fields of each message, as the message definitions of Apache Kafka (`common/message`, 3.9 and 4.1) have them. */
export const transactionsApis: readonly ApiSchema[] = [
  api('InitProducerId', 22, [0, 5], 2, {
    request: `
      transactionalId string?
      transactionTimeoutMs int32
      producerId int64 3+ =-1
      producerEpoch int16 3+ =-1
    `,
    response: `
      throttleTimeMs int32
      errorCode int16
      producerId int64 =-1
      producerEpoch int16
    `,
  }),
  api('AddPartitionsToTxn', 24, [0, 3], 3, {
    request: `
      v3AndBelowTransactionalId string
      v3AndBelowProducerId int64
      v3AndBelowProducerEpoch int16
      v3AndBelowTopics []struct
        name string
        partitions []int32
    `,
    response: `
      throttleTimeMs int32
      resultsByTopicV3AndBelow []struct
        name string
        resultsByPartition []struct
          partitionIndex int32
          partitionErrorCode int16
    `,
  }),
  api('AddOffsetsToTxn', 25, [0, 4], 3, {
    request: `
      transactionalId string
      producerId int64
      producerEpoch int16
      groupId string
    `,
    response: `
      throttleTimeMs int32
      errorCode int16
    `,
  }),
  api('EndTxn', 26, [0, 5], 3, {
    request: `
      transactionalId string
      producerId int64
      producerEpoch int16
      committed bool
    `,
    response: `
      throttleTimeMs int32
      errorCode int16
      producerId int64 5+ =-1
      producerEpoch int16 5+ =-1
    `,
  }),
  api('TxnOffsetCommit', 28, [0, 5], 3, {
    request: `
      transactionalId string
      groupId string
      producerId int64
      producerEpoch int16
      generationId int32 3+ =-1
      memberId string 3+
      groupInstanceId string? 3+ =null
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          committedOffset int64
          committedLeaderEpoch int32 2+ =-1
          committedMetadata string?
    `,
    response: `
      throttleTimeMs int32
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          errorCode int16
    `,
  }),
  api('DescribeProducers', 61, [0, 0], 0, {
    request: `
      topics []struct
        name string
        partitionIndexes []int32
    `,
    response: `
      throttleTimeMs int32
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          errorCode int16
          errorMessage string? =null
          activeProducers []struct
            producerId int64
            producerEpoch int32
            lastSequence int32 =-1
            lastTimestamp int64 =-1
            coordinatorEpoch int32
            currentTxnStartOffset int64 =-1
    `,
  }),
  api('DescribeTransactions', 65, [0, 0], 0, {
    request: `
      transactionalIds []string
    `,
    response: `
      throttleTimeMs int32
      transactionStates []struct
        errorCode int16
        transactionalId string
        transactionState string
        transactionTimeoutMs int32
        transactionStartTimeMs int64
        producerId int64
        producerEpoch int16
        topics []struct
          topic string
          partitions []int32
    `,
  }),
  api('ListTransactions', 66, [0, 2], 0, {
    request: `
      stateFilters []string
      producerIdFilters []int64
      durationFilter int64 1+ =-1
      transactionalIdPattern string? 2+ =null
    `,
    response: `
      throttleTimeMs int32
      errorCode int16
      unknownStateFilters []string
      transactionStates []struct
        transactionalId string
        producerId int64
        transactionState string
    `,
  }),
]
