import type { TestResult } from '@keploy-framework/format'

import type { CoverageSummary } from '../coverage/line-hits.ts'
import type { Flakiness, SlowerTest } from '../history/statistics.ts'
import { quarantineOf } from '../plan/quarantine.ts'
import type { Quarantine } from '../plan/quarantine.ts'
import { isQuarantined } from './judge.ts'

const SHOWN = 10

/** What is said at the end of a run. */
export interface ClosingNotice {
  readonly level: 'info' | 'warning' | 'error'
  readonly code: string
  readonly message: string
}

/** What it follows from. */
export interface ClosingFacts {
  readonly tests: readonly TestResult[]
  readonly quarantine: readonly Quarantine[]
  readonly flakiness: Flakiness
  readonly slower: readonly SlowerTest[]
  readonly coverage: CoverageSummary | undefined
  readonly coverageThreshold: number | undefined
  readonly coverageProblems: readonly string[]
}

/** What a person should know at the end; `failed`: the run has failed whatever its tests did. */
export function closingNotices(facts: ClosingFacts): { notices: ClosingNotice[]; failed: boolean } {
  const notices: ClosingNotice[] = []
  let failed = false
  const add = (level: ClosingNotice['level'], code: string, message: string): void => {
    notices.push({ level, code, message })
  }
  for (const test of facts.tests.filter(isQuarantined)) {
    const rule = test.rules.at(-1)?.rule ?? 'quarantine'
    add('warning', 'KEPLOY_RUN_QUARANTINED', `${test.file} > ${test.name} failed and does not count: ${rule}.`)
  }
  for (const entry of facts.quarantine) {
    if (!facts.tests.some((test) => quarantineOf([entry], test.file, test.name) !== undefined)) continue
    const members = facts.tests.filter((test) => quarantineOf([entry], test.file, test.name) !== undefined)
    if (members.every(({ status }) => status === 'passed')) {
      add('info', 'KEPLOY_RUN_QUARANTINED', `"${entry.test}" passed; take it out of the quarantine if it stays so.`)
    }
  }
  const { tests, measured, rate } = facts.flakiness
  if (tests.length > 0) {
    const list = tests
      .slice(0, SHOWN)
      .map((test) => `${test.file} > ${test.name} (failed ${test.failures} of ${test.runs})`)
    const more = tests.length > SHOWN ? ` and ${tests.length - SHOWN} more` : ''
    const share = `${tests.length} of ${measured} tests (${(rate * 100).toFixed(1)} %)`
    add('warning', 'KEPLOY_RUN_FLAKY', `${share} passed and failed with the same sources: ${list.join('; ')}${more}.`)
  }
  if (facts.slower.length > 0) {
    const list = facts.slower
      .toSorted((a, b) => b.ms / b.usualMs - a.ms / a.usualMs)
      .slice(0, SHOWN)
      .map(({ file, name, ms, usualMs }) => `${file} > ${name} (${seconds(ms)}, usually ${seconds(usualMs)})`)
    const more = facts.slower.length > SHOWN ? ` and ${facts.slower.length - SHOWN} more` : ''
    add('warning', 'KEPLOY_RUN_SLOWER', `Took twice as long as usual, or longer: ${list.join('; ')}${more}.`)
  }
  for (const problem of facts.coverageProblems) {
    failed = true
    add('error', 'KEPLOY_RUN_COVERAGE', problem)
  }
  const { coverage, coverageThreshold } = facts
  if (coverage !== undefined) {
    const text = `Coverage: ${coverage.percent.toFixed(1)} % (${coverage.covered} of ${coverage.lines} lines)`
    const low = coverageThreshold !== undefined && coverage.percent < coverageThreshold
    if (low) failed = true
    add(
      low ? 'error' : 'info',
      'KEPLOY_RUN_COVERAGE',
      low ? `${text}, below the bar of ${coverageThreshold} %.` : `${text}.`,
    )
  }
  return { notices, failed }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
