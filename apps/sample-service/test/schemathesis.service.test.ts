/**
 * @marker adversarial
 *
 * Segment: clients of the API
 * Goal: no request that brings the service down
 * Value: answers as they are described
 * Impact: clients can be written from the description
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { User } from '../src/auth/user.ts'
import { runPlatform } from './platform-process.ts'
import { tokenFor, useRealParts } from './real-parts.ts'

/** The Python that tests/services/python/prepare.sh makes. */
const python = process.env['KEPLOY_TEST_PYTHON'] ?? 'python3'
const missing = spawnSync(python, ['-c', 'import schemathesis']).status !== 0
const skipped = missing && process.env['KEPLOY_REQUIRE_SERVICES'] !== 'all'
/** The same requests each time; another one finds others. */
const SEED = process.env['SCHEMATHESIS_SEED'] ?? '20260126'

const acquire = useRealParts()
const once = [
  // The tool sends the token that it was given, and then wonders why a request that it made without one is accepted.
  // src/auth/isolation.test.ts asks every route without a token.
  '--exclude-checks',
  'missing_required_header',
  '--seed',
  SEED,
  '--continue-on-failure',
  '--no-color',
  '--generation-database',
  'none',
]

test.skipIf(skipped)(
  'every route against schema-driven fuzzing: no 5xx, and each answer as it is described (needs schemathesis: tests/services/python/prepare.sh)',
  async () => {
    await using real = await acquire()
    await using platform = await runPlatform([], real.env)
    const fuzz = async (role: User['role'], ...bounds: string[]) => {
      const header = `Authorization: Bearer ${await tokenFor({ role })}`
      const { code, output } = await run([`${platform.url}/openapi.json`, '--header', header, ...once, ...bounds])
      expect(code, output).toBe(0)
      return output
    }
    const output = await fuzz('practitioner', '--max-examples', '15')
    const [, selected, tested] = /Selected: \d+\/(\d+)\s+Tested: (\d+)/.exec(output) ?? []
    expect(tested).toBe(selected)
    expect(Number(tested)).toBeGreaterThan(30)
    // What only administrators may do.
    const theirs = '^/v1/(audit|budget|violations|api-keys|users)'
    await fuzz('admin', '--max-examples', '10', '--phases', 'coverage,fuzzing', '--include-path-regex', theirs)

    expect(platform.log()).not.toContain('"level":50')
    expect((await fetch(`${platform.url}/health`)).status).toBe(200)
  },
  600_000,
)

async function run(args: string[]): Promise<{ code: number; output: string }> {
  const cwd = await mkdtemp(join(tmpdir(), 'schemathesis-'))
  const hooks = join(import.meta.dirname, 'schemathesis_hooks.py')
  const options = {
    cwd,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env['PATH'], SCHEMATHESIS_HOOKS: hooks, PYTHONDONTWRITEBYTECODE: '1' },
  }
  try {
    return await new Promise((resolve) => {
      execFile(python, ['-m', 'schemathesis.cli', 'run', ...args], options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr })
      })
    })
  } finally {
    await rm(cwd, { recursive: true })
  }
}
