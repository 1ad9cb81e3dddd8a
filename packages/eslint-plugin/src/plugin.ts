import type { ESLint, Linter, Rule } from 'eslint'

import { completeAgentEvents } from './rules/complete-agent-events.ts'
import { maxMockSetup } from './rules/max-mock-setup.ts'
import { maxTestLines } from './rules/max-test-lines.ts'
import { noHardCodedPorts } from './rules/no-hard-coded-ports.ts'
import { noIgnoredFailures } from './rules/no-ignored-failures.ts'
import { noMocks } from './rules/no-mocks.ts'
import { noProcessEnv } from './rules/no-process-env.ts'
import { noSkippedMissionCritical } from './rules/no-skipped-mission-critical.ts'
import { noSleep } from './rules/no-sleep.ts'
import { noThrowawayTests } from './rules/no-throwaway-tests.ts'
import { oneCategory } from './rules/one-category.ts'
import { quarantineWithReason } from './rules/quarantine-with-reason.ts'
import { valueHeader } from './rules/value-header.ts'

const NAME = '@keploy-framework'
const TEST_FILES = ['**/*.{test,spec}.{js,mjs,cjs,jsx,ts,mts,cts,tsx}']

const rules: Record<string, Rule.RuleModule> = {
  'complete-agent-events': completeAgentEvents,
  'max-mock-setup': maxMockSetup,
  'max-test-lines': maxTestLines,
  'no-hard-coded-ports': noHardCodedPorts,
  'no-ignored-failures': noIgnoredFailures,
  'no-mocks': noMocks,
  'no-process-env': noProcessEnv,
  'no-skipped-mission-critical': noSkippedMissionCritical,
  'no-sleep': noSleep,
  'no-throwaway-tests': noThrowawayTests,
  'one-category': oneCategory,
  'quarantine-with-reason': quarantineWithReason,
  'value-header': valueHeader,
}

const RECOMMENDED: Linter.RulesRecord = {
  'complete-agent-events': 'error',
  'no-hard-coded-ports': 'error',
  'no-ignored-failures': 'error',
  'no-mocks': 'error',
  'no-process-env': 'error',
  'no-skipped-mission-critical': 'error',
  'no-sleep': 'error',
  'no-throwaway-tests': 'error',
  'one-category': 'error',
  'quarantine-with-reason': 'error',
  'max-mock-setup': 'warn',
  'max-test-lines': 'warn',
}

const STRICT: Linter.RulesRecord = {
  ...RECOMMENDED,
  'max-mock-setup': 'error',
  'max-test-lines': 'error',
  'no-sleep': ['error', { polling: true }],
  'quarantine-with-reason': ['error', { require: 'both', maxDays: 90 }],
  'value-header': 'error',
}

/** The plugin as it is given to ESLint: its rules, and the configurations `recommended` and `strict`. */
export interface KeployPlugin extends ESLint.Plugin {
  readonly rules: Record<string, Rule.RuleModule>
  readonly configs: Record<'recommended' | 'strict', Linter.Config>
}

const base: ESLint.Plugin = { meta: { name: '@keploy-framework/eslint-plugin', namespace: NAME }, rules }

/**
 * Lint rules for tests that talk to real services, for ESLint 9 and later with a flat configuration.
 *
 * @example
 * export default [plugin.configs.recommended]
 */
export const plugin: KeployPlugin = Object.assign(base, {
  rules,
  configs: { recommended: configOf('recommended', RECOMMENDED), strict: configOf('strict', STRICT) },
})

function configOf(name: string, chosen: Linter.RulesRecord): Linter.Config {
  return {
    name: `${NAME}/${name}`,
    files: TEST_FILES,
    plugins: { [NAME]: base },
    rules: Object.fromEntries(Object.entries(chosen).map(([rule, entry]) => [`${NAME}/${rule}`, entry])),
  }
}
