import { expect, test, vi } from 'vitest'

import { runPlatform } from '../test/platform-process.ts'
import { platformMain } from './platform-main.ts'

test('it says what is real and what embedded, serves, and ends with 0 on a signal', async () => {
  await using platform = await runPlatform([], {})
  expect(platform.line).toMatch(
    /^platform ready on http:\/\/127\.0\.0\.1:\d+ \(gateway, worker, tools, orchestrator: embedded Postgres, in-process bus, in-memory cache, local deterministic model\)$/,
  )
  expect((await fetch(`${platform.url}/health`)).status).toBe(200)
  expect(await platform.stop('SIGINT')).toEqual([0, null])
}, 120_000)

test.each([
  [['--role', 'king'], {}, 'king is not a role (gateway, worker, tools, orchestrator).'],
  [['--port', 'http'], {}, 'PORT is not a port'],
  [['--colour'], {}, "Unknown option '--colour'"],
  [[], { REDIS_URL: 'localhost' }, 'REDIS_URL is not a URL like redis://host'],
])('%j with %j is a usage error', async (args, env, message) => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await expect(platformMain(args, env)).resolves.toBe(2)
  expect(written.mock.calls.join('')).toContain(message)
  written.mockRestore()
})
