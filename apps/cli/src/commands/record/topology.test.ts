import { expect, test } from 'vitest'

import { resolveTopology } from './topology.ts'

const base = { defaultPort: 8000, freePort: async () => 41_873 }

test('with a command clients keep their port, and the service is moved', async () => {
  expect(await resolveTopology({ ...base, hasCommand: true, port: 8000 })).toEqual({
    tapPort: 8000,
    servicePort: 41_873,
    assigned: true,
  })
})

test('with --listen the service keeps its port, whether it is started here or runs already', async () => {
  for (const hasCommand of [true, false]) {
    expect(await resolveTopology({ ...base, hasCommand, port: 3000, listen: 3001 })).toEqual({
      tapPort: 3001,
      servicePort: 3000,
      assigned: false,
    })
  }
})

test('a service that runs already is recorded through a free port', async () => {
  expect(await resolveTopology({ ...base, hasCommand: false })).toMatchObject({ tapPort: 41_873, servicePort: 8000 })
})

test('one port can not serve both', async () => {
  await expect(resolveTopology({ ...base, hasCommand: false, listen: 8000 })).rejects.toThrow(
    '--listen and --port are both 8000.',
  )
})
