import { resolve } from 'node:path'

import type { RunEvent, RunResult } from '@keploy-framework/format'
import { listRuns, loadRun } from '@keploy-framework/report'
import type { ReporterName } from '@keploy-framework/report'
import { reportTo } from '@keploy-framework/runner'

import { CliError } from '../cli/cli-error.ts'
import { defineCommand } from '../cli/command.ts'
import { createReporters } from '../cli/create-reporters.ts'
import { exitCode } from '../cli/exit-code.ts'
import { readConfig } from '../cli/read-config.ts'
import { reporterOptions } from '../cli/report-streams.ts'
import { sharedOptions } from './shared-options.ts'
import { chooseService, setsOf } from './test/prepare-run.ts'

export const reportCommand = defineCommand({
  usage: '[OPTIONS] [RUN]',
  description: 'Shows an earlier run again, in any form: the last one, or the one with the given number.',
  maxPositionals: 1,
  options: {
    reporter: sharedOptions.reporter,
    output: sharedOptions.output,
    list: { type: 'boolean', description: 'List the runs that were kept.' },
    service: sharedOptions.service,
    dir: sharedOptions.dir,
    verbose: sharedOptions.verbose,
  },
  examples: ['keploy-framework report --reporter html', 'keploy-framework report 3'],
  async run({ io, options, positionals }) {
    const config = await readConfig(io, { file: options.config })
    const shown = options.dir ?? 'keploy'
    const directory = options.dir
      ? resolve(io.cwd, options.dir)
      : setsOf(config, chooseService(config, options.service))
    const runs = await listRuns(directory)
    if (options.list) {
      for (const { number } of runs) io.stdout.write(`test-run-${number}\n`)
      return exitCode.ok
    }
    const number = positionals[0]?.replace(/^test-run-/, '')
    const run = number === undefined ? runs.at(-1) : runs.find((each) => String(each.number) === number)
    if (!run) {
      throw new CliError(
        'KEPLOY_NO_RUN',
        number ? `There is no run ${number} in ${shown}.` : `No run was kept in ${shown}.`,
        {
          exitCode: exitCode.nothingToRun,
          hint:
            runs.length > 0
              ? `There are: ${runs.map((each) => each.number).join(', ')}.`
              : 'Replay some tests first: keploy-framework test --help',
        },
      )
    }
    const names = (options.reporter ?? [options.json ? 'json' : 'pretty']) as ReporterName[]
    const settings = reporterOptions(io, { ...options, noColor: config.disableANSI, sets: shown })
    const reporters = createReporters(names, settings, { folderChosen: options.output !== undefined })
    const group = reportTo(reporters)
    for (const event of eventsOf((await loadRun(run)).result)) group.onEvent(event)
    await group.finish()
    for (const { error } of group.failures) throw error
    for (const reporter of reporters) {
      for (const file of reporter.files) io.stderr.write(`${reporter.name} report: ${file}\n`)
    }
    return exitCode.ok
  },
})

/** The events that a finished run is told with; those of its progress are gone. */
function* eventsOf(result: RunResult): Generator<RunEvent> {
  const sets = result.sets.map(({ name, tests }) => ({ name, tests: tests.length }))
  yield { type: 'run-started', at: 0, target: '', sets }
  for (const set of result.sets) {
    yield { type: 'set-started', at: 0, set: set.name, tests: set.tests.length }
    for (const test of set.tests) yield { type: 'test-finished', at: 0, result: test }
    yield { type: 'set-finished', at: 0, set: set.name }
  }
  yield { type: 'run-finished', at: 0, result }
}
