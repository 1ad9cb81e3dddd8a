import { apiVersions, describeCluster, findCoordinator, metadata } from './cluster-handlers.ts'
import type { Handler } from './context.ts'
import { fetch } from './fetch-handler.ts'
import { heartbeat, joinGroup, leaveGroup, syncGroup } from './group-handlers.ts'
import { commitOffsets, fetchOffsets, leaderEpochs, listOffsets } from './offset-handlers.ts'
import { done, initProducer } from './plain-handler.ts'
import { produce } from './produce-handler.ts'

/** How APIs are answered that are not simply answered as recorded. */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['ApiVersions', apiVersions],
  ['Metadata', metadata],
  ['FindCoordinator', findCoordinator],
  ['DescribeCluster', describeCluster],
  ['Produce', produce],
  ['Fetch', fetch],
  ['ListOffsets', listOffsets],
  ['OffsetForLeaderEpoch', leaderEpochs],
  ['OffsetCommit', commitOffsets],
  ['TxnOffsetCommit', commitOffsets],
  ['OffsetFetch', fetchOffsets],
  ['JoinGroup', joinGroup],
  ['SyncGroup', syncGroup],
  ['Heartbeat', heartbeat],
  ['LeaveGroup', leaveGroup],
  ['InitProducerId', initProducer],
  ['AddPartitionsToTxn', done],
  ['AddOffsetsToTxn', done],
])
