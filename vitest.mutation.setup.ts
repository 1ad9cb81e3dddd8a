import { vi } from 'vitest'

// Random tests would take most of the time, and say another thing about a mutant each time: few cases, and the same ones.
const RUNS = 20
const SEED = 1

vi.mock('fast-check', async (importOriginal) => {
  const module = await importOriginal<typeof import('fast-check')>()
  const assert: typeof module.assert = (property, options) =>
    module.assert(property, { ...options, numRuns: RUNS, seed: SEED }) as never
  return { ...module, assert, default: { ...module.default, assert } }
})
