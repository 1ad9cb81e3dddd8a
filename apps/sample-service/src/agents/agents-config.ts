import { z } from 'zod'

const price = z.strictObject({ input_per_1k: z.number().nonnegative(), output_per_1k: z.number().nonnegative() })
const timeout_ms = z.number().int().min(1).max(600_000).default(60_000)
const max_output_bytes = z
  .number()
  .int()
  .min(1)
  .max(64 * 1024 * 1024)
  .default(1024 * 1024)
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'is not the name of a variable')

const commandSchema = z.strictObject({
  kind: z.literal('command'),
  command: z.tuple([z.string().min(1)], z.string()),
  output: z.enum(['text', 'json']).default('text'),
  environment: z.array(variable).default([]),
  cwd: z.string().min(1).optional(),
  timeout_ms,
  max_output_bytes,
  price: price.optional(),
})

const endpointSchema = z.strictObject({
  kind: z.literal('endpoint'),
  base_url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  model: z.string().min(1),
  api_key_env: variable.optional(),
  timeout_ms,
  max_output_bytes,
  price: price.optional(),
})

const localSchema = z.strictObject({ kind: z.literal('local'), timeout_ms })

const agentSchema = z.discriminatedUnion('kind', [commandSchema, endpointSchema, localSchema])

export const guardSchema = z.strictObject({
  breaker: z
    .strictObject({
      threshold: z.number().int().min(1).default(5),
      reset_ms: z.number().int().min(1).default(60_000),
    })
    .prefault({}),
  quality: z
    .strictObject({
      threshold: z.number().min(0).max(1).default(0.85),
      retries: z.number().int().min(0).max(10).default(2),
    })
    .prefault({}),
  bulkhead: z
    .strictObject({
      concurrency: z.number().int().min(1).default(8),
      queue: z.number().int().min(0).default(64),
    })
    .prefault({}),
  backoff_ms: z.number().int().min(0).max(60_000).default(250),
})

/** Which agents there are, and how they are guarded. Those that are not named are stood in for. */
export const agentsConfigSchema = z.strictObject({
  agents: z
    .strictObject({ claude: agentSchema.optional(), gemini: agentSchema.optional(), copilot: agentSchema.optional() })
    .default({}),
  task_timeout_ms: z.number().int().min(1).max(3_600_000).default(300_000),
  ...guardSchema.shape,
})

export type AgentsConfig = z.output<typeof agentsConfigSchema>
export type AgentConfig = z.output<typeof agentSchema>
export type CommandConfig = z.output<typeof commandSchema>
export type GuardConfig = z.output<typeof guardSchema>

/**
 * Reads the configuration of agents from JSON, or says of each wrong field what is wrong.
 *
 * @example
 * readAgentsConfig('{"agents":{"claude":{"kind":"local"}}}')
 */
export function readAgentsConfig(text: string): { config: AgentsConfig } | { problems: string[] } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { problems: ['is not JSON'] }
  }
  const result = agentsConfigSchema.safeParse(json)
  if (result.success) return { config: result.data }
  return { problems: result.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`) }
}
