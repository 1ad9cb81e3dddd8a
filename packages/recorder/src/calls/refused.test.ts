import type { Call } from '@keploy-framework/format'
import type { Route } from '@keploy-framework/intercept'
import { expect, it } from 'vitest'

import { CallRecorder } from './call-recorder.ts'

function recorded(via: Route['via'], reason: string, sent?: string): { calls: Call[]; gaps: string[] } {
  const calls: Call[] = []
  const gaps: string[] = []
  const recorder = new CallRecorder({
    onCall: (call) => calls.push(call),
    onGap: (_dependency, text) => gaps.push(text),
    causeOf: (_hint, at) => ({ exchange: at, certainty: 'certain' }),
  })
  const dependency = 'redis db:6379'
  const target = { host: 'db', port: 6379 }
  if (recorder.handler.mode !== 'record') throw new Error('not a recording')
  const connection = recorder.handler.observe({ dependency, protocol: 'redis', target, tls: { mode: 'off' }, via })
  if (sent !== undefined) connection.push('client', Buffer.from(sent), 40)
  connection.abort(50, reason)
  // Both sides are gone.
  connection.abort(60)
  return { calls, gaps }
}

it('keeps that a connection was refused as a call', () => {
  const call = {
    protocol: 'generic',
    operation: 'connect',
    dependency: 'redis db:6379',
    response: { refused: 'ECONNREFUSED' },
    cause: { exchange: 50 },
  }
  expect(recorded('hook', 'ECONNREFUSED')).toMatchObject({ calls: [call], gaps: [] })
  // A relay takes the connection of the service before it knows.
  const relayed = recorded('relay', 'ECONNREFUSED', '*1\r\n$4\r\nPING\r\n')
  expect(relayed.calls).toMatchObject([call])
  expect(relayed.gaps).toEqual([])
  expect(recorded('hook', 'CERT_HAS_EXPIRED').calls).toHaveLength(1)
})

it('takes a service that gave up, and a connection that broke later, for no refusal', () => {
  const { calls, gaps } = recorded('hook', 'ABORT_ERR')
  expect(calls).toEqual([])
  expect(gaps).toEqual(['redis db:6379 could not be reached (ABORT_ERR)'])
  expect(recorded('hook', 'ECONNRESET', '*2\r\n$3\r\nGET\r\n$1\r\na\r\n').calls).toMatchObject([
    { protocol: 'redis', state: 'aborted' },
  ])
})
