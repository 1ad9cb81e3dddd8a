import type { Value } from '@keploy-framework/format'
import { BindingTable, planBindings, type RecordedCall } from '@keploy-framework/match'
import { expect, it } from 'vitest'

import { MockSession } from './mock-session.ts'

function recorded(name: string, args: readonly string[], at: number, tests: readonly string[]): RecordedCall {
  const request: Value = { command: 'SET', args: [...args] }
  const trees = { key: () => request, request: () => request, response: () => ({ status: 'OK' }) }
  const place = { dependency: 'redis cache:6379', connection: '1', protocol: 'redis', operation: 'SET' } as const
  return { ...place, name, lifetime: 'test', tests, at, ...trees }
}

const set = (key: string, value: string) =>
  Buffer.from(`*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${value.length}\r\n${value}\r\n`)

/** A service that stores one thing for its client, and one more by itself, before the next test. */
function replay() {
  const calls = [recorded('mock-1', ['asked', '1'], 1000, ['post-1']), recorded('mock-2', ['done', '1'], 2000, [])]
  const session = new MockSession({ calls, pushes: [], issues: [], skipped: new Map() })
  const route = { dependency: 'redis cache:6379', protocol: 'redis', tls: { mode: 'off' }, via: 'relay' } as const
  const connection = session.handler.serve(
    { ...route, target: { host: 'cache', port: 6379 } },
    {
      send: () => undefined,
      close: () => undefined,
      startTls: () => undefined,
      address: { host: '127.0.0.1', port: 1 },
    },
  )
  const table = new BindingTable(planBindings([]))
  session.begin('post-1', table)
  connection.push(set('asked', '1'))
  expect(session.end('post-1')).toMatchObject({ served: 1, misses: [] })
  return { session, connection, table }
}

it('lets a test wait for what the service did by itself before it', async () => {
  const { session, connection, table } = replay()
  let settled = false
  const settling = session.settle(3000).then(() => (settled = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(settled).toBe(false)
  connection.push(set('done', '1'))
  await settling
  session.begin('get-1', table)
  expect(session.end('get-1')).toMatchObject({ misses: [] })
  expect(session.unused(['post-1', 'get-1'])).toEqual([])
  connection.close()
})

it('fails the test that waited for what nothing recorded answers, and names what was not done', async () => {
  const { session, connection, table } = replay()
  const settling = session.settle(3000)
  connection.push(set('done', '2'))
  await settling
  session.begin('get-1', table)
  expect(session.end('get-1').misses).toMatchObject([{ reason: 'unknown' }])
  expect(session.stats).toMatchObject({ missed: 1, strays: [] })
  expect(session.unused(['post-1', 'get-1']).map(({ name }) => name)).toEqual(['mock-2'])
  connection.close()
})
