import { spawn } from 'node:child_process'

import { root } from './repository.ts'

/** Builds every package, in order and from the cache where nothing changed. Without the build tool's telemetry. */
const turbo = spawn('turbo', ['run', 'build', '--output-logs=errors-only'], {
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
