import type { Value } from '@keploy-framework/format'

import { textOf, trees, type Tree } from '../struct.ts'

/** How long the first member of a group waits for others. */
const FIRST_JOIN_MS = 30
/** How long members wait for one that does not come back. */
const REJOIN_MS = 3_000

const ILLEGAL_GENERATION = 22
const UNKNOWN_MEMBER = 25
const REBALANCING = 27

type Reply = (body: Tree) => void
type Schedule = (delayMs: number, run: () => void) => () => void

interface Member {
  readonly id: string
  readonly instanceId: Value
  readonly protocols: readonly Tree[]
  readonly connection: object
  readonly schedule: Schedule
  join?: Reply | undefined
  sync?: Reply | undefined
}

/**
 * Plays the coordinator of one group for the members that are alive: who is in it and who leads is settled as a broker does;
 * the assignment comes from the leading client.
 */
export class GroupCoordinator {
  readonly #members = new Map<string, Member>()
  #phase: 'joining' | 'syncing' | 'stable' = 'stable'
  #generation = 0
  #leader = ''
  #names = 0
  #assignments = new Map<string, Value>()
  #cancel: (() => void) | undefined

  join(request: Tree, clientId: string | null, connection: object, schedule: Schedule, reply: Reply): void {
    const asked = request['memberId']
    const id = typeof asked === 'string' && asked !== '' ? asked : `${clientId ?? 'member'}-${++this.#names}`
    const first = this.#members.size === 0
    const protocols = trees(request['protocols'])
    this.#members.get(id)?.join?.({ errorCode: REBALANCING, memberId: id })
    this.#members.set(id, {
      id,
      instanceId: request['groupInstanceId'] ?? null,
      protocols,
      connection,
      schedule,
      join: reply,
    })
    if (this.#phase !== 'joining') this.#rebalance(first ? FIRST_JOIN_MS : REJOIN_MS, schedule)
    else if (this.#generation > 0) this.#check()
  }

  sync(request: Tree, reply: Reply): void {
    const member = this.#members.get(textOf(request['memberId']))
    const problem = this.#problem(member, request['generationId'])
    if (member === undefined || problem !== 0) {
      reply({ errorCode: problem })
      return
    }
    member.sync = reply
    if (this.#phase === 'syncing' && member.id === this.#leader) {
      this.#assignments = new Map(
        trees(request['assignments']).map((each) => [textOf(each['memberId']), each['assignment'] ?? '']),
      )
      this.#phase = 'stable'
    }
    if (this.#phase !== 'stable') return
    for (const each of this.#members.values()) {
      const waiting = each.sync
      each.sync = undefined
      waiting?.({ errorCode: 0, ...this.#protocol(), assignment: this.#assignments.get(each.id) ?? '' })
    }
  }

  heartbeat(request: Tree): number {
    return this.#problem(this.#members.get(textOf(request['memberId'])), request['generationId'])
  }

  leave(ids: readonly string[]): void {
    const left = ids.filter((id) => this.#members.delete(id))
    if (left.length > 0) this.#shrunk()
  }

  /** A connection is gone, and its members with it. */
  disconnected(connection: object): void {
    this.leave([...this.#members.values()].filter((member) => member.connection === connection).map(({ id }) => id))
  }

  #problem(member: Member | undefined, generation: Value | undefined): number {
    if (member === undefined) return UNKNOWN_MEMBER
    if (this.#phase === 'joining') return REBALANCING
    return generation === this.#generation ? 0 : ILLEGAL_GENERATION
  }

  #shrunk(): void {
    const [member] = this.#members.values()
    if (member === undefined) {
      this.#cancel?.()
      this.#cancel = undefined
      this.#phase = 'stable'
    } else if (this.#phase === 'joining') {
      // The timer may have gone with the connection that started it.
      this.#rebalance(REJOIN_MS, member.schedule)
      this.#check()
    } else this.#rebalance(REJOIN_MS, member.schedule)
  }

  #rebalance(delayMs: number, schedule: Schedule): void {
    this.#cancel?.()
    this.#phase = 'joining'
    for (const member of this.#members.values()) {
      const waiting = member.sync
      member.sync = undefined
      waiting?.({ errorCode: REBALANCING })
    }
    this.#cancel = schedule(delayMs, () => this.#complete())
    if (delayMs === REJOIN_MS) this.#check()
  }

  /** Goes on as soon as every member is there. */
  #check(): void {
    if ([...this.#members.values()].every(({ join }) => join !== undefined)) this.#complete()
  }

  #complete(): void {
    this.#cancel?.()
    this.#cancel = undefined
    for (const { id, join } of this.#members.values()) if (join === undefined) this.#members.delete(id)
    const members = [...this.#members.values()]
    const [first] = members
    if (first === undefined) {
      this.#phase = 'stable'
      return
    }
    this.#generation++
    this.#phase = 'syncing'
    this.#assignments = new Map()
    if (!this.#members.has(this.#leader)) this.#leader = first.id
    for (const member of members) {
      const waiting = member.join
      member.join = undefined
      waiting?.({
        errorCode: 0,
        generationId: this.#generation,
        ...this.#protocol(),
        leader: this.#leader,
        memberId: member.id,
        members:
          member.id === this.#leader
            ? members.map(({ id, instanceId, protocols }) => ({
                memberId: id,
                groupInstanceId: instanceId,
                metadata: protocols.find(({ name }) => name === this.#protocol().protocolName)?.['metadata'] ?? '',
              }))
            : [],
      })
    }
  }

  /** The first protocol of the leader that every member knows. */
  #protocol(): { readonly protocolType: string; readonly protocolName: Value } {
    const members = [...this.#members.values()]
    const names = (this.#members.get(this.#leader) ?? members[0])?.protocols.map(({ name }) => name) ?? []
    const common = names.find((name) =>
      members.every(({ protocols }) => protocols.some((each) => each['name'] === name)),
    )
    return { protocolType: 'consumer', protocolName: common ?? names[0] ?? '' }
  }
}
