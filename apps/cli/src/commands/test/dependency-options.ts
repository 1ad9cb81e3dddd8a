import { access } from 'node:fs/promises'
import { join } from 'node:path'

import type { ResolvedConfig } from '@keploy-framework/config'
import { findMockFiles } from '@keploy-framework/format'
import type { DependencyOptions, Plan } from '@keploy-framework/runner'

import { CliError } from '../../cli/cli-error.ts'
import { discoverOptions } from '../../cli/discover-options.ts'
import type { CliIo } from '../../cli/io.ts'
import { repeatRules } from '../../cli/repeat-rules.ts'
import type { Container } from '../../container/plan-container.ts'
import type { PreparedRun, TestOptionValues } from './prepare-run.ts'

/** Whether the service's dependencies are answered from mocks, and where its settings are found; nothing when not. */
export async function dependencyOptions(
  config: ResolvedConfig,
  options: Pick<TestOptionValues, 'mocks' | 'hook' | 'strict-unused' | 'timing'>,
  { run }: PreparedRun,
  plan: Plan,
  io: CliIo,
  container?: Container,
): Promise<DependencyOptions | undefined> {
  const mode = options.mocks ?? (config.test.mocking ? undefined : 'off')
  if (mode === 'off') return undefined
  const mocked = await Promise.all(plan.sets.map(async ({ source }) => await hasMocks(source.directory)))
  if (run.service === undefined) {
    if (mode !== undefined) {
      throw new CliError('KEPLOY_USAGE', `--mocks ${mode} needs a service that is started here.`, {
        hint: 'One that runs already has its connections; give the command that starts it, or leave --mocks out.',
      })
    }
    if (mocked.includes(true)) {
      io.stderr.write(
        'warning: These tests have mocks, which answer only a service that is started here; what runs at this address reaches its real dependencies.\n',
      )
    }
    return undefined
  }
  if (mode === undefined && !mocked.includes(true)) return undefined
  const cwd = run.service.cwd ?? io.cwd
  const mayRepeat = repeatRules(config.dependencies.repeat)
  return {
    ...(mayRepeat && { mayRepeat }),
    discover: { ...discoverOptions(config, cwd), ...container?.discover },
    ...(container && { container }),
    hook: options.hook ?? false,
    recordMissing: mode === 'record-missing',
    keepTiming: options.timing ?? false,
    strictUnused: options['strict-unused'] ?? false,
  }
}

/** Whether a set has files of mocks. */
export async function hasMocks(directory: string): Promise<boolean> {
  if ((await findMockFiles(directory)).length > 0) return true
  return await access(join(directory, 'calls.yaml')).then(
    () => true,
    () => false,
  )
}
