import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { dnsMocks } from './dns-mocks.ts'

const spec = {
  request: { name: 'db.test.', qtype: 28, qclass: 1 },
  response: {
    rcode: 0,
    authoritative: false,
    recursionAvailable: true,
    truncated: false,
    answers: ['db.test.\t600\tIN\tAAAA\t::1'],
  },
}

describe('documents of DNS', () => {
  it('are read as a question with its records, and written as they were', () => {
    const decoded = dnsMocks.decode({ kind: 'DNS', spec, lifetime: 'session' })
    const call = {
      protocol: 'dns' as const,
      operation: 'AAAA',
      request: { name: 'db.test.', type: 'AAAA' },
      response: { rcode: 0, recursionAvailable: true, answers: ['db.test.\t600\tIN\tAAAA\t::1'] },
      lifetime: 'session' as const,
    }
    expect(decoded).toEqual({ calls: [call] })
    expect(dnsMocks.encode(call)).toEqual({ kind: 'DNS', spec })
  })

  it('are of the kind Call where that of DNS has no place', () => {
    const call = {
      protocol: 'dns' as const,
      operation: 'A',
      request: { name: 'db.test.', type: 'A', id: 7 },
      response: { rcode: 3 },
      lifetime: 'test' as const,
    }
    const written = dnsMocks.encode(call)
    expect(written.kind).toBe('Call')
    expect(dnsMocks.decode({ ...written, lifetime: 'test' })).toEqual({ calls: [call] })
  })

  it('that make no sense are a problem, whatever they hold', () => {
    const tree = fc.object({ maxDepth: 3, key: fc.constantFrom('request', 'response', 'name', 'qtype', 'rcode', 'ns') })
    fc.assert(
      fc.property(tree, (found) => {
        const decoded = dnsMocks.decode({ kind: 'DNS', spec: found as never, lifetime: 'test' })
        expect(['calls', 'problem']).toContain(Object.keys(decoded)[0])
      }),
      { numRuns: 300 },
    )
    expect(dnsMocks.decode({ kind: 'DNS', spec: { request: { name: 'a', qtype: 1 } }, lifetime: 'test' })).toEqual({
      problem: 'spec.response is no mapping',
    })
  })
})
