import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { ServiceProbe } from '@keploy-framework/fixtures'

import { plural } from './check-sets.ts'
import { fail, ok, type Check } from './check.ts'
import { wrap } from './wrap.ts'

type Environment = Readonly<Record<string, string | undefined>>

const WIDTH = 80

/** What every provider of every service says, or the setting of the environment that makes no sense. */
export interface FoundServices {
  readonly services: readonly ServiceProbe[]
  readonly checks: readonly Check[]
}

export async function findServices(env: Environment): Promise<FoundServices> {
  const { FixturesError, probeServices } = await import('@keploy-framework/fixtures')
  try {
    return { services: await probeServices({ env }), checks: [] }
  } catch (error) {
    if (!(error instanceof FixturesError)) throw error
    return { services: [], checks: [fail('fixtures', error.message, 'Correct the variable, or take it away.')] }
  }
}

/** A line for each reason that keeps services from being had although others of their providers might work. */
export function checkServices(services: readonly ServiceProbe[]): Check[] {
  const blocked = new Map<string, { services: string[]; fix: string }>()
  for (const { service, entries } of services) {
    const entry = entries.find(({ fatal }) => fatal)
    if (entry === undefined) continue
    const known = blocked.get(entry.detail) ?? { services: [], fix: entry.fix ?? '' }
    blocked.set(entry.detail, { ...known, services: [...known.services, service] })
  }
  return [...blocked].map(([reason, { services: names, fix }]) =>
    fail('fixtures', `${names.join(', ')}: ${reason}`, fix),
  )
}

/** Removes what runs left that have ended, and what they kept for people to look at. */
export async function cleanFixtures(env: Environment): Promise<Check> {
  const { FixturesError, reapDeadRuns } = await import('@keploy-framework/fixtures')
  const reaped = await reapDeadRuns({ env, kept: true }).catch((error: unknown) => {
    if (error instanceof FixturesError) return error
    throw error
  })
  if (reaped instanceof FixturesError) return fail('clean', reaped.message, 'Correct it, and try again.')
  const { runs, processes, containers, directories, problems } = reaped
  if (problems.length > 0) {
    return fail('clean', `Not removed: ${problems.join('; ')}`, 'Remove it by hand, or start Docker and try again.')
  }
  if (runs === 0) return ok('clean', 'No run of fixtures left anything.')
  const removed = [
    plural(processes, 'process').replace('processs', 'processes'),
    plural(containers, 'container'),
    plural(directories, 'folder'),
  ]
  return ok('clean', `Removed what ${plural(runs, 'run')} left: ${removed.join(', ')}.`)
}

/** Whether the project in a folder has the fixtures among its dependencies. */
export async function usesFixtures(cwd: string): Promise<boolean> {
  const text = await readFile(join(cwd, 'package.json'), 'utf8').catch(() => '')
  return text.includes('"@keploy-framework/fixtures"')
}

/** One sentence: what would be taken for each service. */
export function summarizeServices(services: readonly ServiceProbe[]): string {
  if (services.length === 0) return ''
  const had = services.flatMap(({ service, entries }) => {
    const chosen = entries.find(({ status }) => status === 'chosen')
    return chosen === undefined ? [] : [`${service} (${chosen.provider})`]
  })
  const text = had.length === 0 ? 'none' : had.join(', ')
  return `${wrap(`Fixtures can start here: ${text}. All providers: --fixtures`, WIDTH).join('\n')}\n`
}

/** A table of every provider, at most 80 columns wide. */
export function renderServices(services: readonly ServiceProbe[]): string {
  if (services.length === 0) return ''
  const nameWidth = Math.max(...services.map(({ service }) => service.length))
  const providers = services.flatMap(({ entries }) => entries.map(({ provider }) => provider.length))
  const providerWidth = Math.max(...providers)
  const margin = ' '.repeat(nameWidth + providerWidth + 17)
  const lines = services.flatMap(({ service, entries }) =>
    entries.flatMap((entry, index) => {
      const name = (index === 0 ? service : '').padEnd(nameWidth)
      const head = `  ${name}  ${entry.provider.padEnd(providerWidth)}  ${entry.status.padEnd(11)}`
      const text = wrap(entry.detail, WIDTH - margin.length)
      const fix = entry.fix === undefined ? [] : wrap(`→ ${entry.fix}`, WIDTH - margin.length)
      return [...text, ...fix].map((line, at) => (at === 0 ? head : margin) + line)
    }),
  )
  return `Services for tests, in the order in which their providers are tried:\n${lines.join('\n')}\n`
}
