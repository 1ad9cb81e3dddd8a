import type { CallContent } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { MockRequest } from '../protocol/mock-server.ts'
import type { ReadCall } from '../protocol/protocol.ts'
import { genericProtocol } from './generic-protocol.ts'

type Turn = readonly [from: 'client' | 'server', text: string]

function read(turns: readonly Turn[], finish: 'end' | 'abort' | 'stop' = 'stop', messageLimit?: number) {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  let ids = 0
  const reader = genericProtocol.createReader(
    { connection: 1, nextId: () => ++ids, ...(messageLimit !== undefined && { messageLimit }) },
    (event) => {
      if (event.type === 'call') calls.push(event.call)
      else if (event.type === 'gap') gaps.push(event.reason)
    },
  )
  let at = 0
  for (const [from, text] of turns) reader.push(from, Buffer.from(text, 'latin1'), ++at)
  if (finish === 'end') reader.end('server', ++at)
  else reader[finish](++at)
  return { calls, gaps }
}

function serve(calls: readonly CallContent[]) {
  const sent: Buffer[] = []
  const closed: string[] = []
  const left = [...calls]
  const waiting: (() => void)[] = []
  const server = genericProtocol.createMockServer({
    answer({ request }: MockRequest) {
      const at = left.findIndex(
        (call) => Buffer.compare(Buffer.from(call.request as string), Buffer.from(request as string)) === 0,
      )
      if (at === -1) return { type: 'miss', message: 'nothing' }
      const [call] = left.splice(at, 1)
      return { type: 'answer', ...(call?.response !== undefined && { response: call.response }) }
    },
    send: (bytes) => void sent.push(Buffer.from(bytes)),
    close: (how) => void closed.push(how),
    schedule(_delayMs, run) {
      waiting.push(run)
      return () => void waiting.splice(waiting.indexOf(run), 1)
    },
    startTls: () => undefined,
    address: { host: '127.0.0.1', port: 1 },
    recorded: () => calls.filter(({ request }) => request !== null),
  })
  return {
    server,
    closed,
    silence: () => waiting.splice(0).forEach((run) => run()),
    text: () => Buffer.concat(sent).toString('latin1'),
  }
}

describe('a protocol that nobody knows', () => {
  it('is read in turns', () => {
    const { calls } = read([
      ['server', 'welcome'],
      ['client', 'a'],
      ['client', 'b'],
      ['server', 'ok'],
      ['client', 'c'],
    ])
    expect(calls.map(({ operation, request, response, state }) => [operation, request, response, state])).toEqual([
      ['deliver', null, 'welcome', 'complete'],
      ['send', 'ab', 'ok', 'complete'],
      ['send', 'c', undefined, 'open'],
    ])
    expect(calls[0]).not.toHaveProperty('after')
    expect(read([['client', 'a']], 'abort').calls[0]).toMatchObject({ state: 'aborted', ended: 'reset' })
    expect(
      read(
        [
          ['client', 'a'],
          ['server', 'b'],
        ],
        'end',
      ).calls[0],
    ).toMatchObject({ state: 'complete', ended: 'end' })
  })

  it('is given up when a message grows beyond its limit', () => {
    const { calls, gaps } = read(
      [
        ['client', 'x'.repeat(20)],
        ['client', 'y'],
        ['server', 'z'],
      ],
      'stop',
      10,
    )
    expect(gaps).toHaveLength(1)
    expect(calls).toHaveLength(1)
  })

  it('is answered whatever the pieces are in which a request comes', () => {
    const asked = 'a longer request'
    const { calls } = read([
      ['client', asked],
      ['server', 'answer'],
      ['client', 'a'],
      ['server', 'short'],
    ])
    for (let cut = 1; cut < asked.length; cut++) {
      const { server, text, closed } = serve(calls)
      server.push(Buffer.from(asked.slice(0, cut)))
      server.push(Buffer.from(asked.slice(cut)))
      expect(text()).toBe('answer')
      expect(closed).toEqual([])
    }
  })

  it('waits for silence where a request is the beginning of another', () => {
    const { calls } = read([
      ['client', 'get'],
      ['server', 'one'],
      ['client', 'getall'],
      ['server', 'many'],
    ])
    const whole = serve(calls)
    whole.server.push(Buffer.from('get'))
    expect(whole.text()).toBe('')
    whole.silence()
    expect(whole.text()).toBe('one')
    const pieces = serve(calls)
    pieces.server.push(Buffer.from('get'))
    pieces.server.push(Buffer.from('all'))
    pieces.silence()
    expect(pieces.text()).toBe('many')
  })

  it('ends the connection on a miss', () => {
    const { server, closed, text } = serve(
      read([
        ['client', 'a'],
        ['server', 'b'],
      ]).calls,
    )
    server.push(Buffer.from('other'))
    server.push(Buffer.from('a'))
    expect(closed).toEqual(['end'])
    expect(text()).toBe('')
  })

  it('keeps any bytes in its documents', () => {
    const turn = fc.tuple(fc.constantFrom('client' as const, 'server' as const), fc.uint8Array({ maxLength: 40 }))
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        const { calls } = read(turns.map(([from, bytes]) => [from, Buffer.from(bytes).toString('latin1')]))
        for (const call of calls) {
          const decoded = genericProtocol.mocks.decode({ ...genericProtocol.mocks.encode(call), lifetime: 'test' })
          const { operation, request, response } = call
          const [first] = 'calls' in decoded ? decoded.calls : []
          expect([first?.operation, first?.request, first?.response]).toEqual([operation, request, response])
          expect(genericProtocol.describe(call.request).length).toBeLessThanOrEqual(200)
        }
      }),
      { numRuns: 300 },
    )
  })

  it.each([{ genericrequests: 5 }, { genericrequests: [{}] }, { genericresponses: [{ message: [{ type: 'x' }] }] }])(
    'says what is wrong with a document: %j',
    (spec) => {
      expect(genericProtocol.mocks.decode({ kind: 'Generic', spec, lifetime: 'test' })).toHaveProperty('problem')
    },
  )
})
