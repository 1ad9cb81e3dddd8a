import type { RecordingSummary, SkipReason } from '@keploy-framework/recorder'

import { printable } from '../../cli/printable.ts'

const REASONS: Readonly<Record<SkipReason, string>> = {
  health: 'health checks (--keep health records them)',
  assets: 'static assets (--keep assets)',
  preflight: 'preflights (--keep preflight)',
  path: 'outside of --path',
  filter: 'left out by keploy.yml',
  duplicate: 'duplicates',
  limit: 'beyond --max',
  aborted: 'broken off by one side',
  open: 'still open at the end',
  incomplete: 'not kept whole: too large, or not safe to store',
}

/** Enough to see how tests are called; the folder has them all, and so has --json. */
const SHOWN_FILES = 40

/** What a recording came to, for people. */
export function summaryText(summary: RecordingSummary, shownDirectory: string, valid: boolean): string {
  const lines: string[] = []
  const { tests } = summary
  if (tests === 0) lines.push('No tests: nothing was recorded that makes one.')
  else lines.push(`${tests === 1 ? '1 test' : `${tests} tests`} saved in ${shownDirectory}/${summary.set}`)
  const files = summary.files.filter((name) => name.startsWith('tests/'))
  for (const file of files.slice(0, SHOWN_FILES)) lines.push(`  ${file}`)
  if (files.length > SHOWN_FILES) lines.push(`  … and ${files.length - SHOWN_FILES} more`)
  const skipped = Object.entries(summary.skipped).filter(([, count]) => count > 0)
  if (skipped.length > 0) {
    lines.push('Left out:')
    for (const [reason, count] of skipped) lines.push(`  ${count} ${REASONS[reason as SkipReason]}`)
  }
  if (summary.bindings.length > 0) {
    lines.push('Carried from answers to later requests:')
    for (const binding of summary.bindings) lines.push(`  ${binding}`)
  }
  const { calls } = summary
  if (calls.mocks > 0) {
    const sure =
      calls.ambiguous === 0 ? 'each with its test' : `${calls.ambiguous} ambiguous: several requests were under way`
    lines.push(`${calls.mocks === 1 ? '1 call' : `${calls.mocks} calls`} to dependencies recorded (${sure}).`)
  }
  if (summary.secrets > 0)
    lines.push(
      `${summary.secrets === 1 ? '1 secret' : `${summary.secrets} secrets`} replaced by placeholders; \`doctor\` says what a replay needs.`,
    )
  for (const warning of summary.warnings) lines.push(`warning: ${printable(warning)}`)
  if (tests > 0) lines.push(valid ? 'Format valid: the set was read back.' : 'The set could not be read back.')
  return `${lines.join('\n')}\n`
}
