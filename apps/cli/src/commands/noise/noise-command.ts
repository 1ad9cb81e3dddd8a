import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { setNoise, writeAtomically } from '@keploy-framework/format'
import type { RunResult } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import { executePlan, exitCodeOf, loadPlan } from '@keploy-framework/runner'
import type { Plan, RunOptions } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import { defineCommand } from '../../cli/command.ts'
import { exitCode } from '../../cli/exit-code.ts'
import type { CliIo } from '../../cli/io.ts'
import { printNotice } from '../../cli/print-notice.ts'
import { printable } from '../../cli/printable.ts'
import { readConfig } from '../../cli/read-config.ts'
import { prepareRun, testFlags } from '../test/prepare-run.ts'
import { testOptions } from '../test/test-options.ts'
import { proposeNoise } from './propose-noise.ts'
import type { NoiseFindings, NoiseProposal } from './propose-noise.ts'

const { url, command, service, port, dir, tests, tags, timeout } = testOptions

export const noiseCommand = defineCommand({
  usage: '[OPTIONS] [--url URL | -- COMMAND…]',
  description:
    'Replays the tests twice against the same code. What differs between the two replays is noise, and is proposed with both values as evidence; what fails alike in both is a change of the service. Nothing is written without --write.',
  options: {
    url,
    command,
    service,
    port,
    dir,
    tests,
    tags,
    timeout,
    'test-sets': testOptions['test-sets'],
    'ready-timeout': testOptions['ready-timeout'],
    'health-path': testOptions['health-path'],
    write: { type: 'boolean', description: 'Write the proposed rules into the tests.' },
  },
  examples: ['keploy-framework noise -- npm start', 'keploy-framework noise --url http://127.0.0.1:8000 --write'],
  async run({ io, options, rest, signal }) {
    const config = await readConfig(io, { file: options.config, flags: testFlags(options) })
    const prepared = prepareRun(config, options, { rest, cwd: io.cwd, signal })
    const { plan } = await loadPlan(prepared.directory, prepared.selection)
    if (plan.total === 0) {
      throw new CliError('KEPLOY_NOTHING_TO_RUN', `There are no tests to replay in ${prepared.shownDirectory}.`, {
        exitCode: exitCode.nothingToRun,
        hint: 'Record some first, or check --test-sets, --tests and --tags.',
      })
    }
    const results: RunResult[] = []
    for (const round of ['first', 'second']) {
      if (!options.quiet) io.stderr.write(`Replaying ${plan.total} tests, the ${round} time…\n`)
      const result = await replayOnce(plan, { ...prepared.run, redactor: createRedactor(config.redact) }, io)
      const code = exitCodeOf(result)
      if (code === exitCode.interrupted || code === exitCode.service) return code
      results.push(result)
    }
    const findings = proposeNoise(results[0]!, results[1]!)
    io.stdout.write(options.json ? `${JSON.stringify({ version: 1, ...findings }, null, 2)}\n` : render(findings))
    if (options.write) await write(findings.proposals, prepared.directory, io)
    return exitCode.ok
  },
})

async function replayOnce(plan: Plan, run: RunOptions, io: CliIo): Promise<RunResult> {
  return await executePlan(plan, { ...run, retries: 0, failFast: false }, (event) => printNotice(event, io))
}

function render({ proposals, changes, blocked }: NoiseFindings): string {
  const lines: string[] = []
  if (proposals.length === 0) lines.push('No noise: nothing differed between the two replays.')
  else lines.push(`${proposals.length} proposed, because the same code gave two values:`)
  for (const each of proposals) {
    lines.push(`  ${each.set}/${each.test}  ${each.path}`)
    lines.push(`    recorded ${show(each.recorded)}   first ${show(each.first)}   second ${show(each.second)}`)
  }
  if (changes.length > 0) {
    lines.push('', `${changes.length} failed alike in both replays: changes of the service, not noise.`)
    for (const { set, test, failure } of changes) lines.push(`  ${set}/${test}  ${failure.path || failure.kind}`)
  }
  if (blocked.length > 0) {
    lines.push('', `${blocked.length} blocked, of which nothing is known:`)
    for (const { set, test, reason } of blocked) lines.push(`  ${set}/${test}`, `    ${printable(reason)}`)
  }
  return `${lines.join('\n')}\n`
}

/** One value, short. */
function show(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? 'nothing')
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

/** Files keep all their other lines: a rule is one more line under `assertions.noise`. */
async function write(proposals: readonly NoiseProposal[], directory: string, io: CliIo): Promise<void> {
  const files = new Map<string, NoiseProposal[]>()
  for (const each of proposals) files.set(each.file, [...(files.get(each.file) ?? []), each])
  for (const [file, rules] of files) {
    const path = join(directory, file)
    const text = await readFile(path, 'utf8')
    await writeAtomically(
      path,
      rules.reduce((edited, rule) => setNoise(edited, rule.path, []), text),
    )
    io.stderr.write(`wrote ${rules.length === 1 ? '1 rule' : `${rules.length} rules`} to ${file}\n`)
  }
}
