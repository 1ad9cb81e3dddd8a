import { z } from 'zod'

/** How one dependency is. `embedded` parts live in this process. */
export const dependencyHealthSchema = z
  .object({
    status: z.enum(['up', 'down']),
    kind: z.string(),
    latency_ms: z.number().describe('How long the answer, or its absence, took.'),
  })
  .meta({ id: 'DependencyHealth' })

export const healthSchema = z
  .object({
    status: z
      .enum(['healthy', 'degraded', 'unhealthy'])
      .describe(
        '`degraded`: messages are taken and kept, and something is slower or later. `unhealthy`: they are not taken.',
      ),
    version: z.string(),
    roles: z.array(z.string()),
    database: dependencyHealthSchema,
    redis: dependencyHealthSchema,
    kafka: dependencyHealthSchema,
    model: z.object({ kind: z.string() }).describe('Not asked: every question costs.'),
  })
  .meta({ id: 'Health' })

export type Health = z.output<typeof healthSchema>
export type DependencyHealth = z.output<typeof dependencyHealthSchema>

export interface Probe {
  kind: string
  ping(): Promise<void>
}

/** How long a dependency may take to answer. */
const PATIENCE_MS = 2_000

/** Asks one dependency. Never rejects. */
export async function probe(dependency: Probe): Promise<DependencyHealth> {
  const started = performance.now()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'down'>((resolve) => {
    timer = setTimeout(() => resolve('down'), PATIENCE_MS)
  })
  const asked = dependency.ping().then(
    () => 'up' as const,
    () => 'down' as const,
  )
  const status = await Promise.race([asked, late])
  clearTimeout(timer)
  return { status, kind: dependency.kind, latency_ms: Math.round((performance.now() - started) * 10) / 10 }
}

/**
 * What the dependencies make of the whole. Only the database decides whether messages are taken: without Kafka they
 * wait in the outbox, and without Redis they are read from Postgres.
 */
export function overall(database: DependencyHealth, others: readonly DependencyHealth[]): Health['status'] {
  if (database.status === 'down') return 'unhealthy'
  return others.every(({ status }) => status === 'up') ? 'healthy' : 'degraded'
}
