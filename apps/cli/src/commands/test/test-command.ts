import type { ResolvedConfig } from '@keploy-framework/config'
import type { RunResult } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import { saveRun } from '@keploy-framework/report'
import type { ReporterName } from '@keploy-framework/report'
import { executePlan, exitCodeOf, loadPlan, reportTo } from '@keploy-framework/runner'
import { ResultValidator } from '@keploy-framework/validator'

import { CliError } from '../../cli/cli-error.ts'
import { defineCommand } from '../../cli/command.ts'
import { createReporters } from '../../cli/create-reporters.ts'
import { exitCode } from '../../cli/exit-code.ts'
import type { CliIo } from '../../cli/io.ts'
import { issueLine } from '../../cli/print-error.ts'
import { printNotice } from '../../cli/print-notice.ts'
import { readConfig } from '../../cli/read-config.ts'
import { reporterOptions } from '../../cli/report-streams.ts'
import { serviceCommand } from '../../cli/service-command.ts'
import { planContainer, refuseHook, type Container } from '../../container/plan-container.ts'
import { dependencyOptions } from './dependency-options.ts'
import { chooseService, prepareRun, testFlags } from './prepare-run.ts'
import type { PreparedRun, TestOptionValues } from './prepare-run.ts'
import { testOptions } from './test-options.ts'

export const testCommand = defineCommand({
  usage: '[OPTIONS] [--url URL | -- COMMAND…]',
  description:
    'Replays recorded tests against a service and compares every answer. The service is started with the command behind --, or with that of keploy.yml, fresh for each set; with --url it is one that runs already.',
  options: testOptions,
  examples: [
    'keploy-framework test -- npm start',
    'keploy-framework test --url http://127.0.0.1:8000 --tests "post-*"',
    'keploy-framework test --reporter pretty,junit,html --output build/keploy',
  ],
  async run({ io, options, rest, signal }) {
    const config = await readConfig(io, { file: options.config, flags: testFlags(options) })
    const container = await containerOf(config, options, rest, io.cwd)
    const prepared = prepareRun(config, options, { rest, cwd: io.cwd, signal, container })
    const { plan, issues } = await loadPlan(prepared.directory, prepared.selection)
    const dependencies = await dependencyOptions(config, options, prepared, plan, io, container)
    for (const issue of issues) io.stderr.write(`${issueLine(issue)}\n`)
    if (plan.total === 0) throw nothingToRun(prepared)

    const redactor = createRedactor(config.redact)
    const names = reporterNames(options.reporter ?? (options.json ? ['json'] : config.report.reporters), options)
    const output = options.output ?? (config.report.output || undefined)
    const settings = reporterOptions(io, {
      output,
      quiet: options.quiet,
      verbose: options.verbose,
      noColor: config.disableANSI,
      sets: prepared.shownDirectory,
    })
    const reporters = createReporters(names, settings, { folderChosen: options.output !== undefined })
    const group = reportTo(reporters)
    const startedAt = Date.now()
    const result = await executePlan(
      plan,
      { ...prepared.run, redactor, ...(dependencies && { dependencies }) },
      (event) => {
        group.onEvent(event)
        // The other reporters write documents, and a person has to be told all the same.
        if (!names.includes('pretty')) printNotice(event, io)
      },
    )
    await group.finish()
    for (const reporter of reporters) {
      for (const file of reporter.files) io.stderr.write(`${reporter.name} report: ${file}\n`)
    }
    await keep(prepared.directory, result, io, startedAt)
    for (const { reporter, error } of group.failures) {
      io.stderr.write(`error: ${error instanceof Error ? error.message : `The reporter ${reporter} failed.`}\n`)
    }
    if (options.validate) validate(result, config.test.minPassRate, io)
    const code = exitCodeOf(result)
    return code === exitCode.ok && group.failures.length > 0 ? exitCode.failed : code
  },
})

/** The container that the service runs in, if it does. Where its real dependencies are used, its command is as any other. */
export async function containerOf(
  config: ResolvedConfig,
  options: TestOptionValues,
  rest: readonly string[],
  cwd: string,
  recreate = false,
): Promise<Container | undefined> {
  if (options.url !== undefined) return undefined
  const service = chooseService(config, options.compose === undefined ? options.service : undefined)
  const container = await planContainer({
    config,
    command: serviceCommand(rest, options.command, service ?? config),
    compose: options.compose,
    service: options.compose === undefined ? undefined : options.service,
    cwd: service?.directory ?? cwd,
    replay: options.mocks !== 'off' && options.mocks !== 'record-missing',
    recreate,
  })
  if (container !== undefined) refuseHook(options.hook)
  return container
}

function nothingToRun({ shownDirectory, selection }: PreparedRun): CliError {
  const chosen = [selection.testSets, selection.tests, selection.tags].some((list) => (list ?? []).length > 0)
  const asked = [...(selection.testSets ?? []), ...(selection.tests ?? []), ...(selection.tags ?? [])].join(', ')
  return new CliError(
    'KEPLOY_NOTHING_TO_RUN',
    chosen ? `No test in ${shownDirectory} is meant by ${asked}.` : `There are no tests in ${shownDirectory}.`,
    {
      exitCode: exitCode.nothingToRun,
      hint: chosen ? 'Check --test-sets, --tests and --tags.' : 'Record some first: keploy-framework record --help',
    },
  )
}

function reporterNames(wanted: readonly string[], options: { report?: boolean }): ReporterName[] {
  const names = new Set((wanted.length > 0 ? wanted : ['pretty']) as ReporterName[])
  if (options.report) names.add('html')
  return [...names]
}

/** The result is kept for `report`; failing to keep it must not change a verdict. */
async function keep(directory: string, result: RunResult, io: CliIo, startedAt: number): Promise<void> {
  try {
    await saveRun(directory, result, { startedAt })
  } catch (error) {
    io.stderr.write(`warning: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

function validate(result: RunResult, minPassRate: number, io: CliIo): void {
  try {
    new ResultValidator({ minPassRate }).assertPassRate(result)
    io.stderr.write(`Validation passed: the pass rate is at least ${(minPassRate * 100).toFixed(1)} %.\n`)
  } catch (error) {
    io.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
}
