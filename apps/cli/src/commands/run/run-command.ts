import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'

import type { RunEvent } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import { DEFAULT_OUTPUT, saveRun } from '@keploy-framework/report'
import type { ReporterName } from '@keploy-framework/report'
import { exitCodeOf, reportTo } from '@keploy-framework/runner'
import { addToHistory, checkQuarantine, planParts, runSuite } from '@keploy-framework/suite'
import type { SuiteOutcome } from '@keploy-framework/suite'

import { defineCommand } from '../../cli/command.ts'
import { createReporters, writesFiles } from '../../cli/create-reporters.ts'
import { exitCode } from '../../cli/exit-code.ts'
import type { CliIo } from '../../cli/io.ts'
import { printNotice } from '../../cli/print-notice.ts'
import { readConfig } from '../../cli/read-config.ts'
import { reporterOptions } from '../../cli/report-streams.ts'
import { choiceNotices, listJson, listText } from './choice-text.ts'
import { planSuite } from './plan-suite.ts'
import { removeLeftServices } from './recreate-services.ts'
import { replaySets } from './replay-sets.ts'
import { runEnvironment } from './run-environment.ts'
import { runOptions } from './run-options.ts'
import { writtenQuarantine } from './run-projects.ts'
import { writeArtifacts } from './write-artifacts.ts'

export const runCommand = defineCommand({
  usage: '[OPTIONS]',
  description:
    'Runs all tests of the project as one run: those of Vitest, Jest, node --test, pytest and other commands, and recorded sets. What runs stands under run: in keploy.yml; without it, tests are looked for. Mission-critical tests always run.',
  options: runOptions,
  examples: [
    'keploy-framework run',
    'keploy-framework run --category unit,integration --parallel',
    'keploy-framework run --execution-mode fast_feedback',
    'keploy-framework run --coverage --coverage-threshold 80 --reporter junit,html',
  ],
  async run({ io, options, signal }) {
    const config = await readConfig(io, { file: options.config })
    const root = config.directory
    const sets = options.dir === undefined ? config.setsDirectory : resolve(io.cwd, options.dir)
    const output = options.output ?? (config.report.output || undefined)
    const folder = resolve(io.cwd, output ?? DEFAULT_OUTPUT)
    const reports = join(sets, 'reports')
    const places = { root, sets, history: join(reports, 'history'), written: [reports, folder] }
    const quarantine = checkQuarantine(await writtenQuarantine(config), new Date().toISOString().slice(0, 10))
    const planned = await planSuite(config, options, places)
    const { chosen, history, revision } = planned
    if (options.list) {
      io.stdout.write(options.json ? listJson(chosen) : listText(chosen))
      return exitCode.ok
    }
    const env = await runEnvironment(io.env, options)
    if (options['force-recreate']) io.stderr.write(`${await removeLeftServices(io.env)}\n`)
    const parts = planParts(chosen.files)
    const workers = options.workers ?? (config.run.workers || availableParallelism())
    const failFast = options['fail-fast'] ?? options['fast-fail'] ?? false
    const bar = options['coverage-threshold'] ?? (config.run.coverageThreshold || undefined)
    const measured =
      options.coverage ?? (options['coverage-threshold'] !== undefined || options['execution-mode'] === 'nightly')

    const redactor = createRedactor(config.redact)
    const asked = (options.reporter ?? (options.json ? ['json'] : config.report.reporters)) as readonly ReporterName[]
    const folderChosen = options.output !== undefined
    const leavesFiles = writesFiles(asked, { folderChosen })
    // JUnit XML is what Codecov takes for tests, and most other services.
    const names = leavesFiles ? [...new Set<ReporterName>([...asked, 'junit'])] : asked
    const { quiet, verbose } = options
    const settings = reporterOptions(io, { output, quiet, verbose, noColor: config.disableANSI, sets: '' })
    const reporters = createReporters(names, settings, { folderChosen })
    const group = reportTo(reporters)
    const tell = (event: RunEvent): void => {
      group.onEvent(event)
      if (!names.includes('pretty')) printNotice(event, io)
    }
    const startedAt = Date.now()
    const outcome = await runSuite(
      {
        root,
        parts,
        title: titleOf(parts.length, chosen.files.length, options['execution-mode']),
        parallel: options.parallel ? Math.min(workers, parts.length) : 1,
        workers,
        failFast,
        repeat: options.repeat ?? 1,
        coverage: measured,
        ...(bar !== undefined && { coverageThreshold: bar }),
        quarantine,
        history,
        ...(revision !== undefined && { revision }),
        env,
        signal,
        recorded: replaySets({
          config,
          io,
          sets,
          redactor,
          realServices: options['real-services'] ?? false,
          dynamicPorts: options['dynamic-ports'] ?? false,
          forceRecreate: options['force-recreate'] ?? false,
          failFast,
        }),
        clean: (text) => redactor.text(text, 'run'),
      },
      (event) => {
        tell(event)
        if (event.type === 'run-started') for (const notice of choiceNotices(chosen)) tell({ ...notice, at: event.at })
      },
    )
    await group.finish()
    for (const reporter of reporters) {
      for (const file of reporter.files) io.stderr.write(`${reporter.name} report: ${file}\n`)
    }
    await keep(outcome, { ...places, startedAt, io, output: folder, reports: leavesFiles })
    for (const { reporter, error } of group.failures) {
      io.stderr.write(`error: ${error instanceof Error ? error.message : `The reporter ${reporter} failed.`}\n`)
    }
    const code = exitCodeOf(outcome.result)
    return code === exitCode.ok && group.failures.length > 0 ? exitCode.failed : code
  },
})

function titleOf(parts: number, files: number, mode: string | undefined): string {
  const what = `Running ${files === 1 ? '1 test file' : `${files} test files`}`
  return `${what} in ${parts === 1 ? '1 part' : `${parts} parts`}${mode === undefined ? '' : ` (${mode})`}`
}

/** What is kept for later; failing to keep it must not change a verdict. */
async function keep(
  outcome: SuiteOutcome,
  to: { sets: string; history: string; startedAt: number; io: CliIo; output: string; reports: boolean },
): Promise<void> {
  const steps = [
    async () => {
      for (const file of await writeArtifacts(to.output, outcome, to.reports)) to.io.stderr.write(`written: ${file}\n`)
    },
    async () => {
      for (const run of outcome.history) await addToHistory(to.history, run)
    },
    async () => {
      await saveRun(to.sets, outcome.result, { startedAt: to.startedAt })
    },
  ]
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      to.io.stderr.write(`warning: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
}
