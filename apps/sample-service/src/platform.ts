import { pino } from 'pino'

import { readSettings, type Settings } from './config/settings.ts'
import { createContainer, type Container, type Factories } from './container/container.ts'
import { defaultParts, kindOfBus, roles as allRoles, type Parts, type Role } from './platform-parts.ts'

export interface PlatformOptions {
  /** Default: those of an empty environment, which is the embedded platform. */
  settings?: Settings
  /** Default: all of them. */
  roles?: readonly Role[]
  /** Parts that are made in another way than the settings say, as tests do. */
  parts?: Partial<Factories<Parts>>
}

export interface Platform extends AsyncDisposable {
  /** Where the gateway listens; undefined without that role. */
  url: string | undefined
  /** Which parts are real and which embedded, for people. */
  description: string
  /** Where tokens for development are; undefined where real ones are needed. */
  tokenUrl: string | undefined
  parts: Container<Parts>
}

/**
 * Starts the roles of the platform in this process. Disposing takes no new work, finishes what is under way, and closes
 * the rest; what was accepted and not finished is found by the next start, unless its database was in memory.
 *
 * @throws Error when roles are to run apart with parts that only this process can see
 * @example
 * await using platform = await startPlatform({ settings: { ...defaultSettings(), port: 0 } })
 * await fetch(`${platform.url}/health`)
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const { settings = defaultSettings(), roles = allRoles } = options
  if (roles.length < allRoles.length && !options.parts && !(settings.postgres && settings.kafka)) {
    throw new Error(
      'A role alone needs parts that it shares with the others: set POSTGRES_DSN and KAFKA_BOOTSTRAP_SERVERS.',
    )
  }
  // Written beside the work, and what is left when the process ends.
  const log = pino({ level: settings.logLevel }, pino.destination({ fd: 2, sync: false }))
  const parts = createContainer<Parts>({ ...defaultParts(settings, log, roles), ...options.parts })
  try {
    // Before the others, so that no span is lost.
    if (settings.telemetry) await parts.get('telemetry')
    const [, , , server] = await Promise.all([
      roles.includes('worker') ? parts.get('worker') : undefined,
      roles.includes('worker') ? parts.get('violationWorker') : undefined,
      roles.includes('tools') ? parts.get('toolExecutor') : undefined,
      roles.includes('gateway')
        ? parts.get('gateway')
        : roles.includes('orchestrator')
          ? parts.get('orchestratorServer')
          : undefined,
    ])
    const [database, bus, cache, model] = await Promise.all([
      parts.get('database'),
      parts.get('bus'),
      server ? parts.get('cache') : undefined,
      roles.includes('worker') ? parts.get('model') : undefined,
    ])
    const kinds = [database.kind, kindOfBus(bus), cache?.kind, model?.name]
    const url = await server?.listen(settings.host, settings.port)
    return {
      url,
      description: `${roles.join(', ')}: ${kinds.filter((kind) => kind !== undefined).join(', ')}`,
      tokenUrl: url !== undefined && (await parts.get('auth')).development ? `${url}/dev/token` : undefined,
      parts,
      [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
    }
  } catch (error) {
    await parts[Symbol.asyncDispose]()
    throw error
  }
}

/** The settings of an empty environment. */
export function defaultSettings(): Settings {
  const read = readSettings({})
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return read.settings
}
