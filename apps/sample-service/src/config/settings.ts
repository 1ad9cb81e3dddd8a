import { z } from 'zod'

import { readAgentsSettings, type AgentsSettings } from '../agents/agents-settings.ts'
import { parseKeyRing, type KeyRing } from '../keys/key-ring.ts'
import { wantsTelemetry } from '../telemetry/start-telemetry.ts'

/** An empty variable is one that is not set: that is what `VARIABLE= command` and many deployment files mean. */
const optional = <Type extends z.ZodType>(type: Type) =>
  z.preprocess((value) => (value === '' ? undefined : value), type.optional())

const urlOf = (...schemes: string[]) =>
  z.string().refine((value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    return url !== undefined && schemes.includes(url.protocol.slice(0, -1)) && url.hostname !== ''
  }, `is not a URL like ${schemes[0]}://host`)

const brokers = z
  .string()
  .transform((value) => value.split(',').map((broker) => broker.trim()))
  .refine((list) => list.every((broker) => /^[^\s:/]+:\d{1,5}$/.test(broker)), 'is not a list like host:9092,host:9093')

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is not a port (0 to 65535)')
  .transform(Number)
  .refine((value) => value <= 65_535, 'is not a port (0 to 65535)')

const keyRing = z.string().transform((value, context) => {
  const ring = parseKeyRing(value)
  if (!ring) context.addIssue('is not a list like id:base64,id:base64 with keys of 32 bytes, the current one first')
  return ring ?? z.NEVER
})

const count = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'is not a number of 1 or more')
  .transform(Number)

/** The variables that the platform reads. What is not set is served by an embedded part. */
const settingsSchema = z.object({
  HOST: optional(z.string()),
  PORT: optional(port),
  LOG_LEVEL: optional(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'is not a level of the log'),
  ),
  POSTGRES_DSN: optional(urlOf('postgres', 'postgresql')),
  REDIS_URL: optional(urlOf('redis', 'rediss')),
  KAFKA_BOOTSTRAP_SERVERS: optional(brokers),
  KAFKA_TOPIC_PREFIX: optional(
    z.string().regex(/^[\w.-]{1,100}$/, 'is not a prefix of letters, digits, dots and dashes'),
  ),
  AUTH_SECRET: optional(z.string().refine((value) => Buffer.byteLength(value) >= 32, 'is shorter than 32 bytes')),
  AUTH_JWKS_URL: optional(urlOf('https', 'http')),
  AUTH_ISSUER: optional(z.string()),
  AUTH_AUDIENCE: optional(z.string()),
  API_KEY_RING: optional(keyRing),
  OPA_URL: optional(urlOf('https', 'http')),
  OPENAI_API_KEY: optional(z.string()),
  OPENAI_BASE_URL: optional(urlOf('https', 'http')),
  OPENAI_MODEL: optional(z.string()),
  OPENAI_SAFETY_MODEL: optional(z.string()),
  WS_MAX_CONNECTIONS: optional(count),
  WS_MAX_CONNECTIONS_PER_USER: optional(count),
  WS_MAX_MESSAGE_BYTES: optional(count),
  UPSTREAM_URL: optional(urlOf('https', 'http')),
  UPSTREAM_SEAL_SECRET: optional(
    z.string().refine((value) => Buffer.byteLength(value) >= 32, 'is shorter than 32 bytes'),
  ),
})

export interface AuthSettings {
  key: { secret: Uint8Array } | { jwksUrl: string }
  issuer: string | undefined
  audience: string | undefined
}

export interface Settings {
  host: string
  /** 0 takes any free port. */
  port: number
  logLevel: string
  postgres: string | undefined
  redis: string | undefined
  kafka: { brokers: string[]; topicPrefix: string } | undefined
  /** How tokens are checked. Without it a key of this process signs them. */
  auth: AuthSettings | undefined
  /** What API keys are encrypted with. */
  keyRing: KeyRing | undefined
  /** The URL of an OPA server. */
  opa: string | undefined
  openai: { baseUrl: string; apiKey: string | undefined; model: string } | undefined
  /** Limits of WebSockets: how many in this process and of one user, and how large a message of a client may be. */
  sockets: { perProcess: number; perUser: number; maxMessageBytes: number }
  /** The model at `openai` that judges messages by the policy. Without it a list of words does. */
  safetyModel: string | undefined
  agents: AgentsSettings
  /** Whether spans are sent to a collector. */
  telemetry: boolean
  upstream: {
    /** Without it an embedded upstream has sample data. */
    baseUrl: string | undefined
    /** Seals the tokens of users while a chain of tools waits. All roles need the same one; without it each makes its own. */
    sealSecret: string | undefined
  }
}

/**
 * Reads the settings of the platform from an environment, or says of each wrong variable what is wrong. A value is not
 * repeated in a problem, because it may hold a password.
 *
 * @example
 * readSettings({ REDIS_URL: 'localhost' }) // { problems: ['REDIS_URL is not a URL like redis://host'] }
 */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings } | { problems: string[] } {
  const result = settingsSchema.safeParse(env)
  if (!result.success) {
    return { problems: result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) }
  }
  const read = result.data
  if (read.AUTH_SECRET !== undefined && read.AUTH_JWKS_URL !== undefined) {
    return { problems: ['AUTH_SECRET and AUTH_JWKS_URL exclude each other: tokens are checked in one way'] }
  }
  const agents = readAgentsSettings(env)
  if ('problems' in agents) return agents
  return {
    settings: {
      agents: agents.agents,
      telemetry: wantsTelemetry(env),
      host: read.HOST ?? '127.0.0.1',
      port: read.PORT ?? 8010,
      logLevel: read.LOG_LEVEL ?? 'info',
      postgres: read.POSTGRES_DSN,
      redis: read.REDIS_URL,
      kafka: read.KAFKA_BOOTSTRAP_SERVERS && {
        brokers: read.KAFKA_BOOTSTRAP_SERVERS,
        topicPrefix: read.KAFKA_TOPIC_PREFIX ?? '',
      },
      auth: authOf(read),
      keyRing: read.API_KEY_RING,
      opa: read.OPA_URL,
      // A server of one's own often needs no key, so either of the two is a wish for a real model.
      openai:
        read.OPENAI_API_KEY === undefined && read.OPENAI_BASE_URL === undefined
          ? undefined
          : {
              baseUrl: (read.OPENAI_BASE_URL ?? 'https://api.openai.com/v1').replace(/\/+$/, ''),
              apiKey: read.OPENAI_API_KEY,
              model: read.OPENAI_MODEL ?? 'gpt-4o-mini',
            },
      sockets: {
        perProcess: read.WS_MAX_CONNECTIONS ?? 10_000,
        perUser: read.WS_MAX_CONNECTIONS_PER_USER ?? 100,
        maxMessageBytes: read.WS_MAX_MESSAGE_BYTES ?? 2 * 1024 * 1024,
      },
      safetyModel: read.OPENAI_SAFETY_MODEL,
      upstream: { baseUrl: read.UPSTREAM_URL, sealSecret: read.UPSTREAM_SEAL_SECRET },
    },
  }
}

function authOf(read: z.output<typeof settingsSchema>): AuthSettings | undefined {
  const rules = { issuer: read.AUTH_ISSUER, audience: read.AUTH_AUDIENCE }
  if (read.AUTH_SECRET !== undefined) return { key: { secret: Buffer.from(read.AUTH_SECRET) }, ...rules }
  if (read.AUTH_JWKS_URL !== undefined) return { key: { jwksUrl: read.AUTH_JWKS_URL }, ...rules }
  return undefined
}
