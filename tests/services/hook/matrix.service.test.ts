/**
 * Segment: teams with services in Node
 * Goal: calls are seen without a change of code
 * Value: the drivers that people use
 * Impact: attribution without guesses, also of many requests at once
 */
import { expect, test } from 'vitest'

import { startDependencies } from './dependencies.ts'
import { runMatrix } from './matrix.ts'
import { scoreAttribution } from './scoring/score.ts'

test(
  'each driver does the same bare, recorded, and answered with its servers stopped',
  { timeout: 300_000 },
  async () => {
    const { rows, skipped } = await runMatrix([process.execPath])
    for (const line of skipped) console.warn(`skipped ${line}`)
    expect(rows.length).toBeGreaterThanOrEqual(process.env['KEPLOY_REQUIRE_SERVICES'] === 'all' ? 22 : 10)
    expect(
      rows.filter(
        ({ record, bytes, replay }) => record !== 'same' || replay !== 'same' || !['equal', 'seen'].includes(bytes),
      ),
    ).toEqual([])
  },
)

test('calls of 32 requests at once belong to the request that made them', { timeout: 300_000 }, async () => {
  const dependencies = await startDependencies(['db', 'cache', 'shop'])
  try {
    const scores = await scoreAttribution(process.execPath, dependencies.env)
    expect(scores.length).toBeGreaterThanOrEqual(4)
    // postgres.js joins queries of several requests to one write.
    expect(scores.filter(({ driver, known }) => known !== 480 && driver !== 'postgres-js')).toEqual([])
    expect(scores.filter(({ wrong, missing }) => wrong + missing > 0)).toEqual([])
  } finally {
    await dependencies.close()
  }
})
