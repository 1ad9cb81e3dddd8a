import type { Call, HttpExchange, Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { causesByValue } from './value-flow.ts'

const A = '5f0c3f4e-8a35-4f0f-9f7d-0a5b3c1d2e3f'
const B = '0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d'

function exchange(id: number, at: number, target: string, body = '', answer = ''): HttpExchange {
  const side = (text: string, from: number) => ({
    version: '1.1',
    headers: [],
    trailers: [],
    body: { bytes: Buffer.from(text), wireSize: text.length },
    startedAt: from,
    endedAt: from,
  })
  return {
    protocol: 'http',
    id,
    connection: id,
    state: 'complete',
    request: { method: 'POST', target, ...side(body, at) },
    response: { status: 200, reason: 'OK', interim: [], ...side(answer, at + 100) },
  }
}

function call(id: number, at: number, among: readonly number[], request: Value, response: Value = 'OK'): Call {
  const [first = 0] = among
  const cause = among.length > 1 ? { certainty: 'ambiguous' as const, among } : { certainty: 'certain' as const }
  return {
    protocol: 'redis',
    operation: 'GET',
    request,
    response,
    lifetime: 'test',
    id,
    connection: 1,
    dependency: 'redis db:6379',
    state: 'complete',
    startedAt: at,
    endedAt: at,
    ...(among.length > 0 && { cause: { exchange: first, ...cause } }),
  }
}

async function found(exchanges: readonly HttpExchange[], calls: readonly Call[]): Promise<[number, number][]> {
  return [...(await causesByValue(stream(exchanges), stream(calls)))]
}

async function* stream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

describe('the request that made a call', () => {
  it('is the one whose client sent its id, in a path, a query, a body or a header, in any writing', async () => {
    const exchanges = [
      exchange(1, 0, `/notes/${A}`),
      exchange(2, 1, `/notes?id=${encodeURIComponent(B)}`),
      exchange(3, 2, '/notes', '{"text":"written by client 3"}'),
    ]
    const calls = [
      call(1, 10, [1, 2, 3], { command: 'HGETALL', args: [`note:${A.toUpperCase()}`] }),
      call(2, 11, [1, 2, 3], { sql: `select * from notes where id = '${B.replaceAll('-', '')}'` }),
      call(3, 12, [1, 2, 3], { sql: 'insert', params: ['written by client 3'] }),
      call(4, 13, [1, 2, 3], { command: 'PING' }),
    ]
    expect(await found(exchanges, calls)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  it('is the one that was answered with its id before, or asked with it', async () => {
    const exchanges = [exchange(1, 0, '/a', '{"text":"first of all 1"}'), exchange(2, 1, '/b')]
    const calls = [
      call(1, 10, [1, 2], { args: ['first of all 1', A] }, B),
      call(2, 11, [1, 2], { args: [A] }),
      call(3, 12, [1, 2], { args: [B] }),
    ]
    expect(await found(exchanges, calls)).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ])
  })

  it('is not told by an id that several have, or that its service has from elsewhere', async () => {
    const exchanges = [exchange(1, 5, `/a/${A}`), exchange(2, 6, `/b/${B}`, A), exchange(3, 7, '/c')]
    expect(await found(exchanges, [call(1, 10, [1, 2], { args: [A] })])).toEqual([])
    expect(await found(exchanges, [call(1, 10, [1, 2], { args: [A, B] })])).toEqual([[1, 2]])
    expect(await found(exchanges, [call(1, 1, [], 'start', B), call(2, 10, [1, 2], { args: [B] })])).toEqual([])
    // What 3 was answered with, it may ask with.
    const answered = [call(1, 9, [1, 3], { args: [] }, [A]), call(2, 10, [1, 3], { args: [A] })]
    expect(await found(exchanges, answered)).toEqual([])
    const unread = [call(1, 9, [3], { args: [] }, new Uint8Array(16)), call(2, 10, [1, 3], { args: [A] })]
    expect(await found(exchanges, unread)).toEqual([])
  })

  it('is told of no call once the service is seen to remember an id', async () => {
    const exchanges = [exchange(1, 0, '/a', '', A), exchange(2, 200, `/b/${A}`), exchange(3, 201, `/c/${B}`)]
    const made = call(1, 10, [1], { args: [A] })
    const asked = [call(3, 220, [2, 3], { args: [A] }), call(4, 221, [2, 3], { args: [B] })]
    expect(await found(exchanges, [made, ...asked])).toEqual([
      [3, 2],
      [4, 3],
    ])
    expect(await found(exchanges, [made, ...asked, call(5, 230, [3], { args: [A] })])).toEqual([])
  })

  it('is not told by what values of different requests say', async () => {
    const exchanges = [exchange(1, 0, `/a/${A}`), exchange(2, 1, `/b/${B}`), exchange(3, 2, '/c')]
    expect(await found(exchanges, [call(1, 10, [1, 2, 3], { args: [A, B] })])).toEqual([])
  })

  it('is that of the calls between the statements that begin and end a transaction', async () => {
    const exchanges = [exchange(1, 0, `/a/${A}`), exchange(2, 1, `/b/${B}`)]
    const statement = (id: number, operation: string, ...params: string[]): Call => ({
      ...call(id, 10 + id, [1, 2], { sql: operation, params }),
      operation,
    })
    const begin = statement(1, 'BEGIN')
    const rest = [statement(2, 'SELECT'), statement(3, 'INSERT', A), statement(4, 'COMMIT')]
    expect(await found(exchanges, [begin, ...rest])).toEqual([
      [3, 1],
      [1, 1],
      [4, 1],
    ])
    expect(await found(exchanges, [begin, statement(5, 'BEGIN'), ...rest])).toEqual([[3, 1]])
    expect(await found(exchanges, [begin, statement(5, 'UPDATE', B), ...rest])).toEqual([
      [5, 2],
      [3, 1],
    ])
    expect(await found(exchanges, [{ ...begin, connection: 2 }, ...rest])).toEqual([[3, 1]])
  })

  it('is never another than the one that made it, whatever ids requests share, store, list and make up', async () => {
    let told = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const { exchanges, calls, truth } = simulate(steps)
        for (const [id, owner] of await found(exchanges, calls)) {
          expect([id, owner]).toEqual([id, truth.get(id)])
          told += 1
        }
      }),
      { numRuns: 1000 },
    )
    expect(told).toBeGreaterThan(100)
  })
})

const step = fc.record({
  does: fc.constantFrom('open', 'open', 'close', 'ask', 'ask', 'make', 'list', 'work'),
  who: fc.nat(5),
  which: fc.nat(7),
  more: fc.nat(7),
})

/** A service with a store: requests bring ids, make new ones, list what is stored, and ask with all that they have. */
function simulate(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): {
  exchanges: HttpExchange[]
  calls: Call[]
  truth: Map<number, number>
} {
  const id = (number: number): string => `5f0c3f4e-8a35-4f0f-9f7d-${String(number).padStart(12, 'a')}`
  const open = new Map<number, Set<string>>()
  const stored: string[] = []
  const exchanges: HttpExchange[] = []
  const calls: Call[] = []
  const truth = new Map<number, number>()
  let made = 100
  for (const [at, { does, who, which, more }] of steps.entries()) {
    const [owner, has] = [...open][who % Math.max(1, open.size)] ?? []
    const ask = (request: Value, response: Value): void => {
      calls.push(call(calls.length + 1, at, [...open.keys()], request, response))
      if (owner !== undefined) truth.set(calls.length, owner)
    }
    if (does === 'open') {
      const brought = [id(which), ...(more > 4 ? [stored[more % Math.max(1, stored.length)] ?? id(more)] : [])]
      exchanges.push(exchange(exchanges.length + 1, at, `/${brought.join('/')}`))
      open.set(exchanges.length, new Set(brought))
    } else if (does === 'work') {
      calls.push(call(calls.length + 1, at, [], { args: [stored[which] ?? id(which)] }))
    } else if (owner === undefined || has === undefined) continue
    else if (does === 'close') open.delete(owner)
    else if (does === 'make') {
      const fresh = id(made++)
      has.add(fresh)
      stored.push(fresh)
      ask({ args: ['set', fresh, [...has][which % has.size]!] }, 'OK')
    } else if (does === 'list') {
      ask({ args: ['keys'] }, [...stored])
      for (const value of stored) has.add(value)
    } else ask({ args: [[...has][which % has.size]!] }, 'OK')
  }
  return { exchanges, calls, truth }
}
