import type { CallLifetime } from '@keploy-framework/format'

/** Sets a connection up. */
const CONNECTION = new Set(['ApiVersions', 'SaslHandshake', 'SaslAuthenticate'])

/** What clients ask by themselves, and what the mock server therefore answers by itself. */
const SESSION = new Set([
  'Metadata',
  'FindCoordinator',
  'DescribeCluster',
  'DescribeTopicPartitions',
  'ListOffsets',
  'OffsetForLeaderEpoch',
  'OffsetCommit',
  'OffsetFetch',
  'JoinGroup',
  'SyncGroup',
  'LeaveGroup',
  'InitProducerId',
  'AddPartitionsToTxn',
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
])

/** How long a call of an API counts. */
export function lifetimeOf(api: string): CallLifetime {
  if (CONNECTION.has(api)) return 'connection'
  return SESSION.has(api) ? 'session' : 'test'
}

/** Keys of APIs of which no calls are told: heartbeats (12 and 68 repeat for ever) and the clients' own telemetry (71, 72). */
export const silentKeys: ReadonlySet<number> = new Set([12, 68, 71, 72])

/** Fields that change by themselves from run to run, or only say how long to wait. */
export const volatileFields: ReadonlySet<string> = new Set([
  'throttleTimeMs',
  'timeoutMs',
  'memberId',
  'memberEpoch',
  'generationId',
  'generationIdOrMemberEpoch',
  'producerId',
  'producerEpoch',
  'currentLeaderEpoch',
  'clientSoftwareVersion',
])

/** Keys of APIs whose bytes hold credentials: logins (36), delegation tokens (38 to 41), passwords of users (50, 51). */
export const secretKeys: ReadonlySet<number> = new Set([36, 38, 39, 40, 41, 50, 51])
