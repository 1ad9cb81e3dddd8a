import type { Selectable } from 'kysely'

import type { Query } from '../database/database.ts'
import type { Tables } from '../database/tables.ts'
import type { ToolResult } from '../events/tool-events.ts'
import type { ChatMessage } from '../model/chat-model.ts'
import type { Chain, ChainCall } from './chain.ts'
import type { PlannedCall } from './plan-calls.ts'

/** Chains and their calls, in the tables `chains` and `chain_calls`. */
export const chainStore = {
  async insert(transaction: Query, chain: Chain): Promise<void> {
    const { asked, caller, steering, messages, ...rest } = chain
    await transaction
      .insertInto('chains')
      .values({
        ...rest,
        asked: JSON.stringify(asked),
        caller: JSON.stringify(caller ?? null),
        steering: JSON.stringify(steering),
        messages: JSON.stringify(messages),
      })
      .onConflict((conflict) => conflict.column('chain_id').doNothing())
      .execute()
  },

  async find(query: Query, chain_id: string): Promise<Chain | undefined> {
    const row = await query.selectFrom('chains').selectAll().where('chain_id', '=', chain_id).executeTakeFirst()
    return row && chainOf(row)
  },

  /** The chain of a session that is to begin now: the oldest that waits, if none is running. */
  async findNext(transaction: Query, session_id: string): Promise<Chain | undefined> {
    const row = await transaction
      .selectFrom('chains')
      .selectAll()
      .where('session_id', '=', session_id)
      .where('status', 'in', ['waiting', 'running'])
      .orderBy('sequence')
      .executeTakeFirst()
    return row?.status === 'waiting' ? chainOf(row) : undefined
  },

  async update(
    transaction: Query,
    chain_id: string,
    { messages, ...rest }: Partial<Pick<Chain, 'messages' | 'step' | 'status'>>,
  ): Promise<void> {
    await transaction
      .updateTable('chains')
      .set({ ...rest, ...(messages && { messages: JSON.stringify(messages) }) })
      .where('chain_id', '=', chain_id)
      .execute()
  },

  async insertCalls(transaction: Query, calls: readonly PlannedCall[]): Promise<void> {
    await transaction.insertInto('chain_calls').values(calls.map(rowOf)).execute()
  },

  async findCall(query: Query, call_id: string): Promise<ChainCall | undefined> {
    const row = await query.selectFrom('chain_calls').selectAll().where('call_id', '=', call_id).executeTakeFirst()
    return row as ChainCall | undefined
  },

  async setResult(transaction: Query, result: ToolResult): Promise<void> {
    await transaction
      .updateTable('chain_calls')
      .set({ result: JSON.stringify(result) })
      .where('call_id', '=', result.event_id)
      .execute()
  },

  /** All that tools gave in a chain, in the order in which the model asked for them. */
  async resultsOf(query: Query, chain_id: string): Promise<{ call_id: string; result: ToolResult | null }[]> {
    const rows = await query
      .selectFrom('chain_calls')
      .select(['call_id', 'result'])
      .where('chain_id', '=', chain_id)
      .orderBy('step')
      .orderBy('position')
      .execute()
    return rows as { call_id: string; result: ToolResult | null }[]
  },

  async callsOf(query: Query, chain_id: string, step: number): Promise<ChainCall[]> {
    const rows = await query
      .selectFrom('chain_calls')
      .selectAll()
      .where('chain_id', '=', chain_id)
      .where('step', '=', step)
      .orderBy('position')
      .execute()
    return rows as ChainCall[]
  },
}

function chainOf(row: Selectable<Tables['chains']>): Chain {
  return {
    chain_id: row.chain_id,
    session_id: row.session_id,
    persona_id: row.persona_id,
    asked: row.asked as Chain['asked'],
    caller: (row.caller as Chain['caller'] | null) ?? undefined,
    steering: (row.steering as Chain['steering'] | undefined) ?? null,
    messages: row.messages as ChatMessage[],
    step: row.step,
    status: row.status,
  }
}

function rowOf({ call_id, chain_id, session_id, step, position, model_call_id, tool_name, result }: PlannedCall) {
  const call = { call_id, chain_id, session_id, step, position, model_call_id, tool_name }
  return { ...call, result: result && JSON.stringify(result) }
}
