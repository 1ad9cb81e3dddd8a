import type { RunResult } from '@keploy-framework/format'

import { count } from './text/numbers.ts'

/** What became of the recorded calls of a run, for people; nothing when none was there. */
export function mockUseText({ mocks: { served, missed, unused } }: RunResult): string | undefined {
  if (served + missed + unused === 0) return undefined
  return `${count(served)} served, ${count(missed)} missed, ${count(unused)} unused`
}
