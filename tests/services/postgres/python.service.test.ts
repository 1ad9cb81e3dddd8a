/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Postgres that need not run, for Python
 * Impact: a suite that runs in seconds, anywhere
 */
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { recordAndReplay } from './record-and-replay.ts'

const run = promisify(execFile)
/** A Python that has the drivers, such as that of a virtual environment. */
const python = process.env['KEPLOY_TEST_PYTHON'] ?? 'python3'

for (const driver of ['psycopg', 'asyncpg']) {
  const isThere = spawnSync(python, ['-c', `import ${driver}`]).status === 0
  test.skipIf(!isThere)(`${driver}: values in binary form, cursors, COPY, pipelines and errors`, async () => {
    const script = fileURLToPath(new URL(`${driver}_script.py`, import.meta.url))
    const seen = await recordAndReplay(async ({ port, user, password, database }) => {
      const { stdout } = await run(python, [script, String(port), user, password, database], { timeout: 20_000 })
      return stdout
    })
    expect(seen).toContain('relation "nope" does not exist')
  })
}
