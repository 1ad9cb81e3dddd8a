import { UNKNOWN_COST_MS } from '../defaults.ts'
import { fileId } from '../model.ts'
import type { TestFile } from '../model.ts'
import type { Chosen } from './choose.ts'

/** What is known of a file from earlier runs. */
export interface FileHistory {
  /** Its share of what its part took, in milliseconds: the median of its runs. */
  readonly costMs: number
  readonly runs: number
  /** Of those runs, how many had a failure. */
  readonly failures: number
  readonly failedLast: boolean
}

/** What `fast_feedback` decides by. */
export interface BudgetFacts {
  /** Milliseconds that all chosen files may take together. */
  readonly budgetMs: number
  /** Whether a file, or what it tests, was changed. */
  readonly changed: (file: TestFile) => boolean
  readonly history: ReadonlyMap<string, FileHistory>
}

/** How the reason of a file begins that the time left out. */
export const NO_TIME = 'no time left'

const RANK = ['changed', 'failed the last time', 'mission-critical', 'value per second'] as const

/** A budgeted choice: files in the order of what they are worth. */
export interface Fitted extends Chosen {
  readonly expectedMs: number
  /** Why each file was taken, by its id. */
  readonly reasons: ReadonlyMap<string, (typeof RANK)[number]>
}

/**
 * Fits a choice into a time: changed files first, then what failed last, then mission-critical files, then by value per
 * second, which is the likelihood of a failure over the cost. Mission-critical files are taken even where they alone exceed
 * the time, so their cost is set aside first.
 *
 * @example
 * fitBudget(choose(files, {}), { budgetMs: 120_000, changed: () => false, history: new Map() }).files
 */
export function fitBudget(chosen: Chosen, facts: BudgetFacts): Fitted {
  const { budgetMs, changed, history } = facts
  const rated = chosen.files.map((file) => {
    const known = history.get(fileId(file))
    const costMs = known === undefined || known.costMs <= 0 ? UNKNOWN_COST_MS[file.category] : known.costMs
    // One failure in two runs is what is believed of a file that never ran.
    const likelihood = ((known?.failures ?? 0) + 1) / ((known?.runs ?? 0) + 2)
    const rank = changed(file) ? 0 : known?.failedLast === true ? 1 : file.critical ? 2 : 3
    return { file, costMs, value: likelihood / costMs, rank }
  })
  rated.sort((a, b) => a.rank - b.rank || b.value - a.value || (fileId(a.file) < fileId(b.file) ? -1 : 1))
  let expectedMs = rated.reduce((sum, { file, costMs }) => sum + (file.critical ? costMs : 0), 0)
  const files: TestFile[] = []
  const leftOut = [...chosen.leftOut]
  const reasons = new Map<string, (typeof RANK)[number]>()
  for (const { file, costMs, rank } of rated) {
    if (!file.critical && expectedMs + costMs > budgetMs) {
      leftOut.push({ file, reason: `${NO_TIME}; expected to take ${(costMs / 1000).toFixed(1)} s` })
      continue
    }
    if (!file.critical) expectedMs += costMs
    files.push(file)
    reasons.set(fileId(file), RANK[rank] ?? 'value per second')
  }
  return { files, leftOut, kept: chosen.kept, expectedMs, reasons }
}
