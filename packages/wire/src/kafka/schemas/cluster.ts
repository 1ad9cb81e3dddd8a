import { api, type ApiSchema } from './schema.ts'

/** What clients ask about the cluster itself: the fields of each message, as the message definitions of Apache Kafka (`common/message`, 3.9 and 4.1) have them. */
export const clusterApis: readonly ApiSchema[] = [
  api('ApiVersions', 18, [0, 4], 3, {
    request: `
      clientSoftwareName string 3+
      clientSoftwareVersion string 3+
    `,
    response: `
      errorCode int16
      apiKeys []struct
        apiKey int16
        minVersion int16
        maxVersion int16
      throttleTimeMs int32 1+
      supportedFeatures []struct 3+ #0
        name string 3+
        minVersion int16 3+
        maxVersion int16 3+
      finalizedFeaturesEpoch int64 3+ =-1 #1
      finalizedFeatures []struct 3+ #2
        name string 3+
        maxVersionLevel int16 3+
        minVersionLevel int16 3+
      zkMigrationReady bool 3+ #3
    `,
  }),
  api('SaslHandshake', 17, [0, 1], undefined, {
    request: `
      mechanism string
    `,
    response: `
      errorCode int16
      mechanisms []string
    `,
  }),
  api('SaslAuthenticate', 36, [0, 2], 2, {
    request: `
      authBytes bytes
    `,
    response: `
      errorCode int16
      errorMessage string?
      authBytes bytes
      sessionLifetimeMs int64 1+
    `,
  }),
  api('Metadata', 3, [0, 13], 9, {
    request: `
      topics []struct?
        topicId uuid 10+
        name string?
      allowAutoTopicCreation bool 4+ =true
      includeClusterAuthorizedOperations bool 8-10
      includeTopicAuthorizedOperations bool 8+
    `,
    response: `
      throttleTimeMs int32 3+
      brokers []struct
        nodeId int32
        host string
        port int32
        rack string? 1+ =null
      clusterId string? 2+ =null
      controllerId int32 1+ =-1
      topics []struct
        errorCode int16
        name string?
        topicId uuid 10+
        isInternal bool 1+
        partitions []struct
          errorCode int16
          partitionIndex int32
          leaderId int32
          leaderEpoch int32 7+ =-1
          replicaNodes []int32
          isrNodes []int32
          offlineReplicas []int32 5+
        topicAuthorizedOperations int32 8+ =-2147483648
      clusterAuthorizedOperations int32 8-10 =-2147483648
      errorCode int16 13+
    `,
  }),
  api('FindCoordinator', 10, [0, 6], 3, {
    request: `
      key string 0-3
      keyType int8 1+
      coordinatorKeys []string 4+
    `,
    response: `
      throttleTimeMs int32 1+
      errorCode int16 0-3
      errorMessage string? 1-3
      nodeId int32 0-3
      host string 0-3
      port int32 0-3
      coordinators []struct 4+
        key string 4+
        nodeId int32 4+
        host string 4+
        port int32 4+
        errorCode int16 4+
        errorMessage string? 4+
    `,
  }),
  api('DescribeCluster', 60, [0, 2], 0, {
    request: `
      includeClusterAuthorizedOperations bool
      endpointType int8 1+ =1
      includeFencedBrokers bool 2+
    `,
    response: `
      throttleTimeMs int32
      errorCode int16
      errorMessage string? =null
      endpointType int8 1+ =1
      clusterId string
      controllerId int32 =-1
      brokers []struct
        brokerId int32
        host string
        port int32
        rack string? =null
        isFenced bool 2+
      clusterAuthorizedOperations int32 =-2147483648
    `,
  }),
  api('DescribeTopicPartitions', 75, [0, 0], 0, {
    request: `
      topics []struct
        name string
      responsePartitionLimit int32 =2000
      cursor struct? =null
        topicName string
        partitionIndex int32
    `,
    response: `
      throttleTimeMs int32
      topics []struct
        errorCode int16
        name string?
        topicId uuid
        isInternal bool
        partitions []struct
          errorCode int16
          partitionIndex int32
          leaderId int32
          leaderEpoch int32 =-1
          replicaNodes []int32
          isrNodes []int32
          eligibleLeaderReplicas []int32? =null
          lastKnownElr []int32? =null
          offlineReplicas []int32
        topicAuthorizedOperations int32 =-2147483648
      nextCursor struct? =null
        topicName string
        partitionIndex int32
    `,
  }),
]
