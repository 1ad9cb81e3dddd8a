import { loadConfig } from '@keploy-framework/config'

import { exitCode } from '../cli/exit-code.ts'
import type { CliIo } from '../cli/io.ts'
import { checkCommand, checkPort } from './check-command.ts'
import { checkConfigFile, checkGitIgnore, checkNode, checkOptional, checkWritable } from './check-machine.ts'
import { checkJournals, checkSets, plural } from './check-sets.ts'
import type { Check } from './check.ts'
import { renderChecks } from './render-checks.ts'

export interface DoctorOptions {
  /** Read this file in place of `keploy.yml`. */
  readonly config?: string
  /** Print the checks as JSON. */
  readonly json?: boolean
  /** Print what is not fine only. */
  readonly quiet?: boolean
  /** Default: the version of this Node. */
  readonly nodeVersion?: string
  /** Print every provider of every service that the fixtures know. Default: whether the project in `cwd` depends on them. */
  readonly fixtures?: boolean
  /** Remove what fixtures of ended runs left or kept, before looking. */
  readonly clean?: boolean
}

/**
 * Looks at everything that recording and replaying need, and says what is missing and how to fix it. Returns 0 when all
 * is fine or there are warnings only, and 2 otherwise. It starts nothing, and changes nothing unless `clean` is set.
 */
export async function runDoctor(options: DoctorOptions, io: CliIo): Promise<number> {
  const fixtures = await import('./fixtures.ts')
  const all = options.fixtures ?? (await fixtures.usesFixtures(io.cwd))
  const cleaned = options.clean ? [await fixtures.cleanFixtures(io.env)] : []
  const found = await fixtures.findServices(io.env)
  const checks = [
    ...(await runChecks(options, io)),
    ...cleaned,
    ...found.checks,
    ...(all ? fixtures.checkServices(found.services) : []),
  ]
  const failed = checks.filter((check) => check.status === 'fail').length
  const warned = checks.filter((check) => check.status === 'warn').length
  if (options.json) {
    io.stdout.write(
      `${JSON.stringify({ version: 1, ok: failed === 0, failed, warned, checks, fixtures: found.services }, null, 2)}\n`,
    )
  } else {
    const verdict = failed > 0 ? `${plural(failed, 'problem')} to fix` : warned > 0 ? 'Ready' : 'Everything is fine'
    const notes = warned > 0 ? `; ${plural(warned, 'warning')}` : ''
    const shown = options.quiet ? checks.filter((check) => check.status !== 'ok') : checks
    const table = all ? fixtures.renderServices(found.services) : fixtures.summarizeServices(found.services)
    const parts = [
      shown.length > 0 ? renderChecks(shown) : '',
      // Who asks for the table in so many words gets it.
      options.quiet && !options.fixtures ? '' : table,
      options.quiet ? '' : `${verdict}${notes}.\n`,
    ]
    io.stdout.write(parts.filter((part) => part !== '').join('\n'))
  }
  return failed === 0 ? exitCode.ok : exitCode.usage
}

async function runChecks(options: DoctorOptions, io: CliIo): Promise<Check[]> {
  const loaded = await loadConfig({
    cwd: io.cwd,
    env: io.env,
    ...(options.config === undefined ? {} : { file: options.config }),
  })
  const { config } = loaded
  const several = config.services.length > 0
  const services = several
    ? config.services.map(({ name, command, port, directory }) => ({
        suffix: ` ${name}`,
        command,
        port,
        cwd: directory,
      }))
    : [{ suffix: '', command: config.command, port: config.port, cwd: config.directory }]
  const perService = await Promise.all(
    services.map(async ({ suffix, command, port, cwd }) => [
      checkCommand({ name: `command${suffix}`, command, cwd, env: io.env }),
      await checkPort(`port${suffix}`, port),
    ]),
  )
  return [
    checkNode(options.nodeVersion ?? process.versions.node),
    ...checkConfigFile(loaded, io.cwd),
    ...perService.flat(),
    await checkWritable(config.setsDirectory),
    ...(await checkSets(config.setsDirectory, io.env)),
    ...(await checkJournals(config.setsDirectory)),
    await checkGitIgnore(config.setsDirectory, config.directory),
    ...(await checkOptional(config.container.cmdType !== 'native')),
  ]
}
