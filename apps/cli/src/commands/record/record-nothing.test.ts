import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { runInMemory } from '../../testing/run-in-memory.ts'

it('ends with 4 when nothing was recorded that makes a test, and says what to do', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'keploy-nothing-'))
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const port = String((server.address() as AddressInfo).port)
    const { code, stdout, stderr } = await runInMemory(['record', '--port', port, '--duration', '50ms'], { cwd })
    expect(code).toBe(4)
    expect(stdout).toBe('No tests: nothing was recorded that makes one.\n')
    expect(stderr).toContain('Nothing was recorded that makes a test. [KEPLOY_NOTHING_TO_RUN]\n  No request came:')
  } finally {
    server.close()
    await rm(cwd, { recursive: true, force: true })
  }
})
