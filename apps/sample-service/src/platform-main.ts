import { parseArgs } from 'node:util'

import { readSettings } from './config/settings.ts'
import { roles, type Role } from './platform-parts.ts'
import { startPlatform, type Platform, type PlatformOptions } from './platform.ts'
import { runUntilSignal } from './run-until-signal.ts'

const HELP = `Usage: platform [options]

  --role ROLE      gateway, worker, tools or orchestrator; may be given several times (default: all)
  --port PORT      where the gateway, or the orchestrator without it, listens (default: PORT, else 8010; 0 takes a free one)
  --host HOST      which address it listens on (default 127.0.0.1)
  --log-level L    trace, debug, info, warn, error, silent (default info); logs are JSON on standard error
  --help           show this

Tokens of users are checked by AUTH_SECRET (HS256) or AUTH_JWKS_URL, and by AUTH_ISSUER and AUTH_AUDIENCE if they are
set. Without the first two the service issues tokens itself, to whoever asks, and listens on this machine only.
Parts are embedded unless the environment names real ones: POSTGRES_DSN, REDIS_URL, KAFKA_BOOTSTRAP_SERVERS,
OPA_URL, OPENAI_API_KEY or OPENAI_BASE_URL (with OPENAI_MODEL and OPENAI_SAFETY_MODEL), UPSTREAM_URL (with
UPSTREAM_SEAL_SECRET). KAFKA_TOPIC_PREFIX stands before names of topics and groups.
WebSockets are limited by WS_MAX_CONNECTIONS (10000), WS_MAX_CONNECTIONS_PER_USER (100) and WS_MAX_MESSAGE_BYTES (2097152).
Agents of the orchestrator are set up by AGENTS_FILE or AGENTS_CONFIG. Traces go to OTEL_EXPORTER_OTLP_ENDPOINT.
`

/** Runs the platform until a signal ends it. Resolves with the exit code. */
export async function platformMain(args: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const parsed = readOptions(args, env)
  if ('problems' in parsed) {
    process.stderr.write(`${parsed.problems.map((problem) => `platform: ${problem}\n`).join('')}\n${HELP}`)
    return 2
  }
  if ('help' in parsed) {
    process.stdout.write(HELP)
    return 0
  }

  const { options } = parsed
  return await runUntilSignal('platform', () => startPlatform(options), readyText)
}

function readyText({ url, description, tokenUrl }: Platform): string {
  const ready = `platform ready${url ? ` on ${url}` : ''} (${description})\n`
  return tokenUrl ? `${ready}a token for development: curl -X POST ${tokenUrl}\n` : ready
}

function readOptions(
  args: string[],
  env: NodeJS.ProcessEnv,
): { options: PlatformOptions } | { help: true } | { problems: string[] } {
  let values
  try {
    ;({ values } = parseArgs({
      args,
      options: {
        role: { type: 'string', multiple: true },
        port: { type: 'string' },
        host: { type: 'string' },
        'log-level': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }))
  } catch (error) {
    return { problems: [(error as Error).message] }
  }
  if (values.help) return { help: true }
  const wanted = values.role ?? [...roles]
  const unknown = wanted.filter((role) => !isRole(role))
  if (unknown.length > 0) return { problems: unknown.map((role) => `${role} is not a role (${roles.join(', ')}).`) }

  const read = readSettings({
    ...env,
    ...(values.port !== undefined && { PORT: values.port }),
    ...(values.host !== undefined && { HOST: values.host }),
    ...(values['log-level'] !== undefined && { LOG_LEVEL: values['log-level'] }),
  })
  if ('problems' in read) return read
  return { options: { settings: read.settings, roles: wanted.filter(isRole) } }
}

function isRole(role: string): role is Role {
  return roles.some((known) => known === role)
}
