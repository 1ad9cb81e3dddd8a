import type { Category } from './model.ts'

/** Milliseconds that one process of a project may take. */
export const PART_TIMEOUT_MS = 600_000

/** Milliseconds between SIGTERM and SIGKILL. */
export const STOP_GRACE_MS = 3_000

/** What `fast_feedback` fits into, in milliseconds. */
export const FAST_BUDGET_MS = 120_000

/** What a file without history is taken to cost, in milliseconds, by its category. */
export const UNKNOWN_COST_MS: Readonly<Record<Category, number>> = {
  unit: 2_000,
  integration: 10_000,
  e2e: 30_000,
  mission_critical: 2_000,
  performance: 60_000,
}

/** How many runs are remembered. */
export const HISTORY_RUNS = 50

/** How many runs must have been before a test can be called slower, and by how many milliseconds it must be. */
export const SLOWER = { runs: 3, ms: 500 } as const

/** Reports of runners above this size are not read, in bytes. */
export const MAX_REPORT_BYTES = 256 * 1_048_576

/** How much of the beginning of a test file is looked at for its labels, in bytes. */
export const LABEL_BYTES = 262_144

/** How much of the output of a process is shown when it ends badly, in bytes. */
export const OUTPUT_BYTES = 8_192

/** Characters of one failure message that are kept. */
export const MESSAGE_LIMIT = 16_384

/** Files that are looked at in one project. */
export const MAX_FILES = 200_000

/** What each kind takes for tests when its project names no files. */
export const DEFAULT_FILES = {
  vitest: ['**/*.{test,spec}.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'],
  jest: ['**/*.{test,spec}.{js,mjs,cjs,jsx,ts,mts,cts,tsx}', '**/__tests__/**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'],
  'node-test': ['**/*.{test,spec}.{js,mjs,cjs,ts,mts,cts}'],
  pytest: ['**/test_*.py', '**/*_test.py'],
  command: [],
  recorded: ['*'],
} as const
