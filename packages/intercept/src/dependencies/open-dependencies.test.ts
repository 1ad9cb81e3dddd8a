import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, it } from 'vitest'

import { openDependencies } from './open-dependencies.ts'

it('leaves a hooked process the settings of its file, which Node reads before the hook is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keploy-env-'))
  try {
    const text = 'CACHE_URL=redis://cache:6379\nOTHER_URL=redis://other:6379\n'
    const name = join(folder, 'service.env')
    await writeFile(name, text)
    const env = { PATH: process.env['PATH'], OTHER_URL: 'redis://mine:6379' }
    await using dependencies = await openDependencies({
      env,
      envFiles: [{ name, text }],
      hook: true,
      proxy: false,
      handler: { mode: 'record', observe: () => ({ push() {}, end() {}, abort() {} }) },
      onProblem: () => {},
    })
    const script = 'console.log(process.env.CACHE_URL, process.env.OTHER_URL)'
    const { stdout } = await promisify(execFile)(process.execPath, [`--env-file=${name}`, '-e', script], {
      env: { ...env, ...dependencies.env },
    })
    expect(stdout).toBe('redis://cache:6379 redis://mine:6379\n')
    // One that reads no file has none of its settings.
    const without = await promisify(execFile)(process.execPath, ['-e', script], {
      env: { ...env, ...dependencies.env },
    })
    expect(without.stdout).toBe('undefined redis://mine:6379\n')
  } finally {
    await rm(folder, { recursive: true })
  }
})
