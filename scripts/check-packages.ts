import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { packPackages } from './pack.ts'

/** Checks the tarballs of all public packages, as they would be published, with publint and arethetypeswrong. */
const run = promisify(execFile)
const tools = process.argv.length > 2 ? process.argv.slice(2) : ['publint', 'attw']
const directory = await mkdtemp(join(tmpdir(), 'keploy-packages-'))
try {
  for (const { name, tarball } of await packPackages(directory)) {
    for (const tool of tools) {
      const args = tool === 'publint' ? ['run', tarball, '--strict'] : [tarball, '--profile', 'esm-only', '--no-emoji']
      try {
        await run(tool, args)
        console.log(`${tool}: ${name} passed`)
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
        console.error(`${tool}: ${name} failed\n${stdout}${stderr}`)
        process.exitCode = 1
      }
    }
  }
} finally {
  await rm(directory, { recursive: true, force: true })
}
