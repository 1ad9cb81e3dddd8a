import { api, type ApiSchema } from './schema.ts'

/** Consumer groups and their offsets: the fields of each message, as the message definitions of Apache Kafka (`common/message`, 3.9 and 4.1) have them. */
export const groupsApis: readonly ApiSchema[] = [
  api('OffsetCommit', 8, [0, 9], 8, {
    request: `
      groupId string
      generationIdOrMemberEpoch int32 1+ =-1
      memberId string 1+
      groupInstanceId string? 7+ =null
      retentionTimeMs int64 2-4 =-1
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          committedOffset int64
          committedLeaderEpoch int32 6+ =-1
          commitTimestamp int64 1-1 =-1
          committedMetadata string?
    `,
    response: `
      throttleTimeMs int32 3+
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          errorCode int16
    `,
  }),
  api('OffsetFetch', 9, [0, 9], 6, {
    request: `
      groupId string 0-7
      topics []struct? 0-7
        name string 0-7
        partitionIndexes []int32 0-7
      groups []struct 8+
        groupId string 8+
        memberId string? 9+ =null
        memberEpoch int32 9+ =-1
        topics []struct? 8+
          name string 8+
          partitionIndexes []int32 8+
      requireStable bool 7+
    `,
    response: `
      throttleTimeMs int32 3+
      topics []struct 0-7
        name string 0-7
        partitions []struct 0-7
          partitionIndex int32 0-7
          committedOffset int64 0-7
          committedLeaderEpoch int32 5-7 =-1
          metadata string? 0-7
          errorCode int16 0-7
      errorCode int16 2-7
      groups []struct 8+
        groupId string 8+
        topics []struct 8+
          name string 8+
          partitions []struct 8+
            partitionIndex int32 8+
            committedOffset int64 8+
            committedLeaderEpoch int32 8+ =-1
            metadata string? 8+
            errorCode int16 8+
        errorCode int16 8+
    `,
  }),
  api('JoinGroup', 11, [0, 9], 6, {
    request: `
      groupId string
      sessionTimeoutMs int32
      rebalanceTimeoutMs int32 1+ =-1
      memberId string
      groupInstanceId string? 5+ =null
      protocolType string
      protocols []struct
        name string
        metadata bytes
      reason string? 8+ =null
    `,
    response: `
      throttleTimeMs int32 2+
      errorCode int16
      generationId int32 =-1
      protocolType string? 7+ =null
      protocolName string?
      leader string
      skipAssignment bool 9+
      memberId string
      members []struct
        memberId string
        groupInstanceId string? 5+ =null
        metadata bytes
    `,
  }),
  api('SyncGroup', 14, [0, 5], 4, {
    request: `
      groupId string
      generationId int32
      memberId string
      groupInstanceId string? 3+ =null
      protocolType string? 5+ =null
      protocolName string? 5+ =null
      assignments []struct
        memberId string
        assignment bytes
    `,
    response: `
      throttleTimeMs int32 1+
      errorCode int16
      protocolType string? 5+ =null
      protocolName string? 5+ =null
      assignment bytes
    `,
  }),
  api('Heartbeat', 12, [0, 4], 4, {
    request: `
      groupId string
      generationId int32
      memberId string
      groupInstanceId string? 3+ =null
    `,
    response: `
      throttleTimeMs int32 1+
      errorCode int16
    `,
  }),
  api('LeaveGroup', 13, [0, 5], 4, {
    request: `
      groupId string
      memberId string 0-2
      members []struct 3+
        memberId string 3+
        groupInstanceId string? 3+ =null
        reason string? 5+ =null
    `,
    response: `
      throttleTimeMs int32 1+
      errorCode int16
      members []struct 3+
        memberId string 3+
        groupInstanceId string? 3+
        errorCode int16 3+
    `,
  }),
  api('DescribeGroups', 15, [0, 6], 5, {
    request: `
      groups []string
      includeAuthorizedOperations bool 3+
    `,
    response: `
      throttleTimeMs int32 1+
      groups []struct
        errorCode int16
        errorMessage string? 6+ =null
        groupId string
        groupState string
        protocolType string
        protocolData string
        members []struct
          memberId string
          groupInstanceId string? 4+ =null
          clientId string
          clientHost string
          memberMetadata bytes
          memberAssignment bytes
        authorizedOperations int32 3+ =-2147483648
    `,
  }),
  api('ListGroups', 16, [0, 5], 3, {
    request: `
      statesFilter []string 4+
      typesFilter []string 5+
    `,
    response: `
      throttleTimeMs int32 1+
      errorCode int16
      groups []struct
        groupId string
        protocolType string
        groupState string 4+
        groupType string 5+
    `,
  }),
  api('DeleteGroups', 42, [0, 2], 2, {
    request: `
      groupsNames []string
    `,
    response: `
      throttleTimeMs int32
      results []struct
        groupId string
        errorCode int16
    `,
  }),
  api('ConsumerGroupHeartbeat', 68, [0, 1], 0, {
    request: `
      groupId string
      memberId string
      memberEpoch int32
      instanceId string? =null
      rackId string? =null
      rebalanceTimeoutMs int32 =-1
      subscribedTopicNames []string? =null
      subscribedTopicRegex string? 1+ =null
      serverAssignor string? =null
      topicPartitions []struct? =null
        topicId uuid
        partitions []int32
    `,
    response: `
      throttleTimeMs int32
      errorCode int16
      errorMessage string? =null
      memberId string? =null
      memberEpoch int32
      heartbeatIntervalMs int32
      assignment struct? =null
        topicPartitions []struct
          topicId uuid
          partitions []int32
    `,
  }),
  api('ConsumerGroupDescribe', 69, [0, 1], 0, {
    request: `
      groupIds []string
      includeAuthorizedOperations bool
    `,
    response: `
      throttleTimeMs int32
      groups []struct
        errorCode int16
        errorMessage string? =null
        groupId string
        groupState string
        groupEpoch int32
        assignmentEpoch int32
        assignorName string
        members []struct
          memberId string
          instanceId string? =null
          rackId string? =null
          memberEpoch int32
          clientId string
          clientHost string
          subscribedTopicNames []string
          subscribedTopicRegex string? =null
          assignment struct
            topicPartitions []struct
              topicId uuid
              topicName string
              partitions []int32
          targetAssignment struct
            topicPartitions []struct
              topicId uuid
              topicName string
              partitions []int32
          memberType int8 1+ =-1
        authorizedOperations int32 =-2147483648
    `,
  }),
  api('OffsetDelete', 47, [0, 0], undefined, {
    request: `
      groupId string
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
    `,
    response: `
      errorCode int16
      throttleTimeMs int32
      topics []struct
        name string
        partitions []struct
          partitionIndex int32
          errorCode int16
    `,
  }),
]
