import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import config from '../../vitest.config.ts'
import { readText, root } from '../repository.ts'
import { criticalFiles } from './critical-files.ts'

// A bar that was lowered in silence would be no bar: those of docs/quality.md stand here once more.
describe('gates', () => {
  const { coverage } = config.test as { coverage: { thresholds: Record<string, { lines: number }> } }
  const { thresholds } = coverage

  test.each(
    ['packages', 'apps'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
  )('coverage of %s: 85 % of its lines or more', (folder) => {
    expect(thresholds[`${folder}/src/**`]?.lines).toBeGreaterThanOrEqual(85)
  })

  test('coverage where it is critical: 95 % of lines', () => {
    expect(criticalFiles.length).toBeGreaterThanOrEqual(7)
    expect(criticalFiles.map((files) => thresholds[files])).toEqual(criticalFiles.map(() => ({ lines: 95 })))
  })

  test.each([
    ['.oxlintrc.json', '"max-lines": ["error", { "max": 600 }]'],
    ['scripts/mutation.ts', 'const BAR = 85'],
    ['scripts/mutation.ts', 'scores.total.percent < BAR'],
    ['scripts/flakiness.ts', 'const BAR = 1\n'],
    ['.github/workflows/nightly.yml', 'npm run flakiness'],
    ['.github/workflows/nightly.yml', 'npm run mutation'],
    ['.github/workflows/nightly.yml', 'npm run nightly'],
    ['.github/workflows/ci.yml', '.ci/acceptance'],
    ['.github/workflows/ci.yml', '.ci/run'],
    ['.ci/acceptance', 'npm run acceptance'],
    ['package.json', '--project acceptance --coverage'],
  ])('%s has %j', async (file, text) => {
    expect(await readText(file)).toContain(text)
  })
})
