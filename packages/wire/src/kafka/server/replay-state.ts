import type { MockServerOptions } from '../../protocol/mock-server.ts'
import type { KafkaRecord } from '../records/record.ts'
import { GroupCoordinator } from './group-coordinator.ts'

/** What the mock server of one Kafka keeps while a replay runs, over all connections. */
export class ReplayState {
  readonly groups = new Map<string, GroupCoordinator>()
  /** Offsets that were committed, by group, topic and partition. */
  readonly committed = new Map<string, number | string>()
  /** What the service wrote, by the place that its record had in the recording. */
  readonly produced = new Map<string, KafkaRecord>()
  /** Records that were given out, by topic and partition. */
  readonly released = new Map<string, KafkaRecord[]>()
  /** How often something was asked. */
  readonly counts = new Map<string, number>()

  /** How often this was asked before. */
  count(what: string): number {
    const before = this.counts.get(what) ?? 0
    this.counts.set(what, before + 1)
    return before
  }

  group(id: string): GroupCoordinator {
    let group = this.groups.get(id)
    if (group === undefined) {
      group = new GroupCoordinator()
      this.groups.set(id, group)
    }
    return group
  }
}

/** The state that all connections of a dependency share. */
export function stateOf(options: MockServerOptions): ReplayState {
  const known = options.shared?.get('kafka')
  if (known instanceof ReplayState) return known
  const state = new ReplayState()
  options.shared?.set('kafka', state)
  return state
}
