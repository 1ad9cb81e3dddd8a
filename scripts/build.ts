import { spawn } from 'node:child_process'

import { root } from './repository.ts'

/**
 * Builds every package, in order and from the cache where nothing changed; or only those that are named, which need
 * nothing of the others. Without the build tool's telemetry.
 */
const named = process.argv.slice(2)
const filters = named.length === 0 ? [] : ['--only', ...named.map((name) => `--filter=${name}`)]
const turbo = spawn('turbo', ['run', 'build', '--output-logs=errors-only', ...filters], {
  cwd: root,
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  stdio: ['ignore', 'inherit', 'inherit'],
  shell: process.platform === 'win32',
})
turbo.once('error', (error) => {
  console.error(`turbo could not be started: ${error.message}. Run: npm run setup`)
  process.exitCode = 1
})
turbo.once('close', (code) => {
  process.exitCode = code ?? 1
})
