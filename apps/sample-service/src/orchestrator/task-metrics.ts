import { sql } from 'kysely'
import { z } from 'zod'

import { agentNames } from '../agents/agent.ts'
import type { UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'

const counted = {
  total: z.number().int(),
  running: z.number().int(),
  completed: z.number().int(),
  failed: z.number().int(),
  tokens: z.object({ input: z.number().int(), output: z.number().int() }),
  cost_usd: z.number().describe('Of the tasks whose cost is known.'),
  average_quality: z.number().nullable(),
  average_duration_ms: z.number().nullable(),
}

export const metricsSchema = z
  .object({
    hours: z.number().int(),
    ...counted,
    agents: z.array(
      z.object({
        agent: z.enum(agentNames),
        description: z.string(),
        simulated: z.boolean(),
        circuit: z.enum(['closed', 'open', 'half_open']).describe('As this process sees it.'),
        completed: z.number().int().describe('How many tasks it answered.'),
      }),
    ),
  })
  .meta({ id: 'MetricsSummary' })

export const metricsQuerySchema = z.object({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(24 * 30)
    .default(24)
    .describe('How far back tasks are counted.'),
})

export type Metrics = z.output<typeof metricsSchema>

export type TaskCounts = Pick<Metrics, keyof typeof counted> & {
  completedBy: ReadonlyMap<string, number>
}

/** Counts the tasks of a user in the last `hours`. */
export async function countTasks(database: Database, owner: UserKey, hours: number): Promise<TaskCounts> {
  const rows = await database.query
    .selectFrom('tasks')
    .where('tenant', '=', owner.tenant)
    .where('user_id', '=', owner.id)
    .where('created_at', '>', sql<Date>`now() - make_interval(hours => ${hours}::int)`)
    .groupBy(['status', 'agent'])
    .select(({ fn }) => [
      'status',
      'agent',
      fn.countAll<number>().as('count'),
      sql<number>`sum(tokens_input)::float8`.as('input'),
      sql<number>`sum(tokens_output)::float8`.as('output'),
      sql<number>`coalesce(sum(cost_usd), 0)`.as('cost'),
      fn.count<number>('quality').as('judged'),
      sql<number>`coalesce(sum(quality), 0)`.as('quality'),
      sql<number>`coalesce(sum(extract(epoch from completed_at - created_at) * 1000), 0)::float8`.as('duration'),
    ])
    .execute()
  const sum = (pick: (row: (typeof rows)[number]) => number): number => rows.reduce((all, row) => all + pick(row), 0)
  const countOf = (wanted: string): number => sum(({ status, count }) => (status === wanted ? count : 0))
  const running = countOf('running')
  const total = sum(({ count }) => count)
  const judged = sum((row) => row.judged)
  const ended = total - running
  return {
    total,
    running,
    completed: countOf('completed'),
    failed: countOf('failed'),
    tokens: { input: sum(({ input }) => input), output: sum(({ output }) => output) },
    cost_usd: sum(({ cost }) => cost),
    average_quality: judged > 0 ? sum(({ quality }) => quality) / judged : null,
    average_duration_ms: ended > 0 ? Math.round(sum(({ duration }) => duration) / ended) : null,
    completedBy: new Map(
      rows.flatMap(({ status, agent, count }) => (status === 'completed' && agent ? [[agent, count]] : [])),
    ),
  }
}
