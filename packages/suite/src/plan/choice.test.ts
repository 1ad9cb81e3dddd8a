import { expect, it } from 'vitest'

import { fileId } from '../model.ts'
import { project, testFile } from '../testing/samples.ts'
import { choose } from './choose.ts'
import { fitBudget } from './fit-budget.ts'
import type { FileHistory } from './fit-budget.ts'
import { parseMarkers } from './marker-expression.ts'
import { planParts } from './plan-parts.ts'

const unit = testFile('unit.test.ts', { markers: ['redis'] })
const e2e = testFile('e2e.test.ts', { category: 'e2e' })
const bench = testFile('bench.test.ts', { category: 'performance' })
const critical = testFile('critical.test.ts', { category: 'mission_critical', critical: true })
const all = [unit, e2e, bench, critical]
const taken = (choice: Parameters<typeof choose>[1]) => choose(all, choice).files.map(({ path }) => path.split('.')[0])

it('leaves performance out unless it is asked for', () => {
  expect(taken({})).toEqual(['unit', 'e2e', 'critical'])
  expect(taken({ performance: true })).toContain('bench')
  expect(taken({ categories: ['performance'] })).toEqual(['bench', 'critical'])
  expect(taken({ testFile: (path) => path === 'bench.test.ts' })).toEqual(['bench', 'critical'])
})

it('keeps mission-critical files whatever the filters say, and says so', () => {
  expect(taken({ categories: ['e2e'] })).toEqual(['e2e', 'critical'])
  expect(taken({ marker: parseMarkers('redis') })).toEqual(['unit', 'critical'])
  expect(taken({ lastFailed: new Set() })).toEqual(['critical'])
  const { kept, leftOut } = choose(all, { categories: ['unit'] })
  expect(kept).toEqual([critical])
  expect(leftOut.map(({ file, reason }) => [file.path, reason])).toEqual([
    ['e2e.test.ts', 'category e2e'],
    ['bench.test.ts', 'category performance'],
  ])
})

const history = (entries: Record<string, Partial<FileHistory>>) =>
  new Map(
    Object.entries(entries).map(([id, parts]) => [
      id,
      { costMs: 1000, runs: 8, failures: 0, failedLast: false, ...parts },
    ]),
  )

it('fits a time: changed, failed last, mission-critical, then value per second', () => {
  const files = ['slow', 'fast', 'failed', 'changed', 'shaky'].map((name) => testFile(name))
  const known = history({
    'p:slow': { costMs: 6000 },
    'p:fast': { costMs: 500 },
    'p:failed': { failedLast: true, failures: 1 },
    'p:shaky': { costMs: 500, failures: 4 },
    'p:critical.test.ts': {},
  })
  const changed = (file: { path: string }) => file.path === 'changed'
  const chosen = choose([...files, critical], {})
  const fitted = fitBudget(chosen, { budgetMs: 8_000, changed, history: known })
  expect(fitted.files.map(fileId)).toEqual(['p:changed', 'p:failed', 'p:critical.test.ts', 'p:shaky', 'p:fast'])
  expect(fitted.expectedMs).toBe(2000 + 1000 + 1000 + 500 + 500)
  expect(fitted.leftOut.map(({ file, reason }) => [file.path, reason])).toEqual([
    ['slow', 'no time left; expected to take 6.0 s'],
  ])
  expect(fitted.reasons.get('p:failed')).toBe('failed the last time')
})

it('sets the cost of mission-critical files aside before, and takes them even where they alone exceed the time', () => {
  const known = history({ 'p:critical.test.ts': { costMs: 9_000 }, 'p:unit.test.ts': { costMs: 10 } })
  const fitted = fitBudget(choose([unit, critical], {}), { budgetMs: 5_000, changed: () => true, history: known })
  expect(fitted.files).toEqual([critical])
  expect(fitted.leftOut).toHaveLength(1)
})

it('takes files that never ran for as slow as those of their category are, so that fast ones come first', () => {
  const files = [e2e, testFile('a.test.ts', { category: 'integration' }), unit, testFile('b.test.ts')]
  const fitted = fitBudget(choose(files, {}), { budgetMs: 15_000, changed: () => false, history: new Map() })
  expect(fitted.files.map(({ path }) => path)).toEqual(['b.test.ts', 'unit.test.ts', 'a.test.ts'])
  expect(fitted.leftOut.map(({ reason }) => reason)).toEqual(['no time left; expected to take 30.0 s'])
})

it('starts mission-critical parts first, and performance alone at the end', () => {
  const other = testFile('a.py', { project: project({ name: 'q', kind: 'pytest' }), category: 'integration' })
  const parts = planParts([bench, other, unit, critical])
  expect(parts.map(({ files, critical: first, alone }) => [files.map(({ path }) => path), first, alone])).toEqual([
    [['critical.test.ts'], true, false],
    [['unit.test.ts'], false, false],
    [['a.py'], false, false],
    [['bench.test.ts'], false, true],
  ])
})
