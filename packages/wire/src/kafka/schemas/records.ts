import { api, type ApiSchema } from './schema.ts'

/** Reading and writing of records: the fields of each message, as the message definitions of Apache Kafka (`common/message`, 3.9 and 4.1) have them. */
export const recordsApis: readonly ApiSchema[] = [
  api('Produce', 0, [0, 13], 9, {
    request: `
      transactionalId string? 3+ =null
      acks int16
      timeoutMs int32
      topicData []struct
        name string 0-12
        topicId uuid 13+
        partitionData []struct
          index int32
          records records?
    `,
    response: `
      responses []struct
        name string 0-12
        topicId uuid 13+
        partitionResponses []struct
          index int32
          errorCode int16
          baseOffset int64
          logAppendTimeMs int64 2+ =-1
          logStartOffset int64 5+ =-1
          recordErrors []struct 8+
            batchIndex int32 8+
            batchIndexErrorMessage string? 8+ =null
          errorMessage string? 8+ =null
          currentLeader struct 10+ #0
            leaderId int32 10+ =-1
            leaderEpoch int32 10+ =-1
      throttleTimeMs int32 1+
      nodeEndpoints []struct 10+ #0
        nodeId int32 10+
        host string 10+
        port int32 10+
        rack string? 10+ =null
    `,
  }),
  api('Fetch', 1, [0, 18], 12, {
    request: `
      clusterId string? 12+ =null #0
      replicaId int32 0-14 =-1
      replicaState struct 15+ #1
        replicaId int32 15+ =-1
        replicaEpoch int64 15+ =-1
      maxWaitMs int32
      minBytes int32
      maxBytes int32 3+ =2147483647
      isolationLevel int8 4+
      sessionId int32 7+
      sessionEpoch int32 7+ =-1
      topics []struct
        topic string 0-12
        topicId uuid 13+
        partitions []struct
          partition int32
          currentLeaderEpoch int32 9+ =-1
          fetchOffset int64
          lastFetchedEpoch int32 12+ =-1
          logStartOffset int64 5+ =-1
          partitionMaxBytes int32
          replicaDirectoryId uuid 17+ #0
          highWatermark int64 18+ =9223372036854775807 #1
      forgottenTopicsData []struct 7+
        topic string 7-12
        topicId uuid 13+
        partitions []int32 7+
      rackId string 11+
    `,
    response: `
      throttleTimeMs int32 1+
      errorCode int16 7+
      sessionId int32 7+
      responses []struct
        topic string 0-12
        topicId uuid 13+
        partitions []struct
          partitionIndex int32
          errorCode int16
          highWatermark int64
          lastStableOffset int64 4+ =-1
          logStartOffset int64 5+ =-1
          divergingEpoch struct 12+ #0
            epoch int32 12+ =-1
            endOffset int64 12+ =-1
          currentLeader struct 12+ #1
            leaderId int32 12+ =-1
            leaderEpoch int32 12+ =-1
          snapshotId struct 12+ #2
            endOffset int64 =-1
            epoch int32 =-1
          abortedTransactions []struct? 4+
            producerId int64 4+
            firstOffset int64 4+
          preferredReadReplica int32 11+ =-1
          records records?
      nodeEndpoints []struct 16+ #0
        nodeId int32 16+
        host string 16+
        port int32 16+
        rack string? 16+ =null
    `,
  }),
  api('ListOffsets', 2, [0, 10], 6, {
    request: `
      replicaId int32
      isolationLevel int8 2+
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          currentLeaderEpoch int32 4+ =-1
          timestamp int64
          maxNumOffsets int32 0-0 =1
      timeoutMs int32 10+
    `,
    response: `
      throttleTimeMs int32 2+
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          errorCode int16
          oldStyleOffsets []int64 0-0
          timestamp int64 1+ =-1
          offset int64 1+ =-1
          leaderEpoch int32 4+ =-1
    `,
  }),
  api('OffsetForLeaderEpoch', 23, [0, 4], 4, {
    request: `
      replicaId int32 3+ =-2
      topics []struct
        topic string
        partitions []struct
          partition int32
          currentLeaderEpoch int32 2+ =-1
          leaderEpoch int32
    `,
    response: `
      throttleTimeMs int32 2+
      topics []struct
        topic string
        partitions []struct
          errorCode int16
          partition int32
          leaderEpoch int32 1+ =-1
          endOffset int64 =-1
    `,
  }),
  api('DeleteRecords', 21, [0, 2], 2, {
    request: `
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          offset int64
      timeoutMs int32
    `,
    response: `
      throttleTimeMs int32
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          lowWatermark int64
          errorCode int16
    `,
  }),
]
