import { api, type ApiSchema } from './schema.ts'

/** Topics and settings: the fields of each message, as the message definitions of Apache Kafka (`common/message`, 3.9 and 4.1) have them. */
export const adminApis: readonly ApiSchema[] = [
  api('CreateTopics', 19, [0, 7], 5, {
    request: `
      topics []struct
        name string
        numPartitions int32
        replicationFactor int16
        assignments []struct
          partitionIndex int32
          brokerIds []int32
        configs []struct
          name string
          value string?
      timeoutMs int32 =60000
      validateOnly bool 1+
    `,
    response: `
      throttleTimeMs int32 2+
      topics []struct
        name string
        topicId uuid 7+
        errorCode int16
        errorMessage string? 1+
        topicConfigErrorCode int16 5+ #0
        numPartitions int32 5+ =-1
        replicationFactor int16 5+ =-1
        configs []struct? 5+
          name string 5+
          value string? 5+
          readOnly bool 5+
          configSource int8 5+ =-1
          isSensitive bool 5+
    `,
  }),
  api('DeleteTopics', 20, [0, 6], 4, {
    request: `
      topics []struct 6+
        name string? 6+ =null
        topicId uuid 6+
      topicNames []string 0-5
      timeoutMs int32
    `,
    response: `
      throttleTimeMs int32 1+
      responses []struct
        name string?
        topicId uuid 6+
        errorCode int16
        errorMessage string? 5+ =null
    `,
  }),
  api('CreatePartitions', 37, [0, 3], 2, {
    request: `
      topics []struct
        name string
        count int32
        assignments []struct?
          brokerIds []int32
      timeoutMs int32
      validateOnly bool
    `,
    response: `
      throttleTimeMs int32
      results []struct
        name string
        errorCode int16
        errorMessage string? =null
    `,
  }),
  api('DescribeConfigs', 32, [0, 4], 4, {
    request: `
      resources []struct
        resourceType int8
        resourceName string
        configurationKeys []string?
      includeSynonyms bool 1+
      includeDocumentation bool 3+
    `,
    response: `
      throttleTimeMs int32
      results []struct
        errorCode int16
        errorMessage string?
        resourceType int8
        resourceName string
        configs []struct
          name string
          value string?
          readOnly bool
          isDefault bool 0-0
          configSource int8 1+ =-1
          isSensitive bool
          synonyms []struct 1+
            name string 1+
            value string? 1+
            source int8 1+
          configType int8 3+
          documentation string? 3+
    `,
  }),
  api('AlterConfigs', 33, [0, 2], 2, {
    request: `
      resources []struct
        resourceType int8
        resourceName string
        configs []struct
          name string
          value string?
      validateOnly bool
    `,
    response: `
      throttleTimeMs int32
      responses []struct
        errorCode int16
        errorMessage string?
        resourceType int8
        resourceName string
    `,
  }),
  api('IncrementalAlterConfigs', 44, [0, 1], 1, {
    request: `
      resources []struct
        resourceType int8
        resourceName string
        configs []struct
          name string
          configOperation int8
          value string?
      validateOnly bool
    `,
    response: `
      throttleTimeMs int32
      responses []struct
        errorCode int16
        errorMessage string?
        resourceType int8
        resourceName string
    `,
  }),
]
