import type { Value } from '@keploy-framework/format'
import { BindingTable, planBindings, type RecordedCall } from '@keploy-framework/match'
import { expect, it } from 'vitest'

import { MockSession } from './mock-session.ts'

const pop = (test: string, item: string): RecordedCall => {
  const request: Value = { args: ['jobs', '0'], command: 'BLPOP' }
  return {
    name: `mock-${item}`,
    dependency: 'redis cache:6379',
    connection: '1',
    protocol: 'redis',
    operation: 'BLPOP',
    lifetime: 'test',
    tests: [test],
    key: () => request,
    request: () => request,
    response: () => ['jobs', item],
  }
}

it('lets a client that waits for news hear what came in the time of tests that are over', async () => {
  const calls = [pop('one', 'first'), pop('two', 'second'), pop('three', 'third')]
  const session = new MockSession({ calls, pushes: [], issues: [], skipped: new Map() })
  const sent: string[] = []
  const connection = session.handler.serve(
    {
      dependency: 'redis cache:6379',
      protocol: 'redis',
      target: { host: 'cache', port: 6379 },
      tls: { mode: 'off' },
      via: 'relay',
    },
    {
      send: (bytes) => void sent.push(Buffer.from(bytes).toString()),
      close: () => undefined,
      startTls: () => undefined,
      address: { host: '127.0.0.1', port: 1 },
    },
  )
  const table = new BindingTable(planBindings([]))
  for (const { tests } of calls) {
    session.begin(tests[0]!, table)
    session.end(tests[0]!)
  }
  for (let turn = 0; turn < 3; turn++) connection.push(Buffer.from('*3\r\n$5\r\nBLPOP\r\n$4\r\njobs\r\n$1\r\n0\r\n'))
  await expect.poll(() => sent.join('')).toContain('first')
  expect(sent.join('')).toMatch(/third[^]*first[^]*second|first[^]*second[^]*third/)
  expect(session.unused()).toEqual([])
  connection.close()
})
