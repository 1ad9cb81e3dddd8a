import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { mysqlProtocol } from './mysql-protocol.ts'
import { sampleConversation } from './sample-conversation.ts'

const RUNS = { numRuns: 300 }
const sides = fc.constantFrom<'client' | 'server'>('client', 'server')
const turns = sampleConversation()

function readerOf(): {
  push: (from: 'client' | 'server', bytes: Uint8Array) => void
  end: () => { gaps: number; open: number }
} {
  let gaps = 0
  let open = 0
  let ids = 0
  const reader = mysqlProtocol.createReader({ connection: 1, nextId: () => ++ids, messageLimit: 100_000 }, (event) => {
    if (event.type === 'gap') gaps++
    else open += event.type === 'open' ? 1 : -1
  })
  return {
    push: (from, bytes) => reader.push(from, bytes, 1),
    end: () => {
      reader.abort(2)
      return { gaps, open }
    },
  }
}

function serverOf(): (bytes: Uint8Array) => void {
  const server = mysqlProtocol.createMockServer({
    answer: ({ request }) => ({ type: 'miss', message: mysqlProtocol.describe(request) }),
    send: () => {},
    close: () => {},
    schedule: () => () => {},
    startTls: () => {},
    address: { host: '127.0.0.1', port: 1 },
    recorded: () => [],
  })
  return (bytes) => server.push(bytes)
}

describe('whatever bytes come', () => {
  it('the reader closes what it opened, and tells at most one gap', () => {
    const chunk = fc.tuple(sides, fc.uint8Array({ maxLength: 60 }))
    fc.assert(
      fc.property(fc.nat(turns.length), fc.array(chunk, { maxLength: 12 }), (known, chunks) => {
        const reader = readerOf()
        for (const { from, bytes } of turns.slice(0, known)) reader.push(from, bytes)
        for (const [from, bytes] of chunks) reader.push(from, bytes)
        const { gaps, open } = reader.end()
        expect(open).toBe(0)
        expect(gaps).toBeLessThanOrEqual(1)
      }),
      RUNS,
    )
  }, 60_000)

  it('so it is with a changed byte anywhere in a conversation, or the bytes of the other side', () => {
    fc.assert(
      fc.property(fc.nat(turns.length - 1), fc.nat(), fc.nat(255), fc.boolean(), (turn, at, byte, swap) => {
        const reader = readerOf()
        for (const [index, { from, bytes }] of turns.entries()) {
          const changed = Buffer.from(bytes)
          if (index === turn) changed[at % changed.length] = byte
          reader.push(index === turn && swap ? (from === 'client' ? 'server' : 'client') : from, changed)
        }
        const { gaps, open } = reader.end()
        expect(open).toBe(0)
        expect(gaps).toBeLessThanOrEqual(1)
      }),
      RUNS,
    )
  }, 60_000)

  it('the mock server and the rewriter do not throw', () => {
    fc.assert(
      fc.property(
        fc.nat(turns.length),
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 }),
        (known, chunks) => {
          const push = serverOf()
          const rewriter = mysqlProtocol.createRewriter?.({
            relayFor: async () => ({ host: '', port: 1 }),
            tls: 'prefer',
          })
          for (const { from, bytes } of turns.slice(0, known)) {
            if (from === 'client') push(bytes)
            void rewriter?.[from === 'client' ? 'fromClient' : 'fromServer'](bytes)
          }
          for (const chunk of chunks) {
            push(chunk)
            void rewriter?.fromClient(chunk)
            void rewriter?.fromServer(chunk)
          }
          expect(rewriter).toBeDefined()
        },
      ),
      RUNS,
    )
  }, 60_000)

  it('documents that were made by hand give calls or a problem', () => {
    const spec = fc.dictionary(fc.constantFrom('requests', 'responses', 'metadata', 'table', 'int'), fc.jsonValue())
    const packet = fc.record({
      header: fc.record({
        packet_type: fc.constantFrom(
          'COM_QUERY',
          'OK',
          'ERR',
          'TextResultSet',
          'COM_STMT_EXECUTE',
          'COM_STMT_PREPARE',
          'HandshakeV10',
          'HandshakeResponse41',
        ),
      }),
      message: fc.dictionary(
        fc.constantFrom(
          'query',
          'columns',
          'rows',
          'FinalResponse',
          'parameters',
          'info',
          'status_flags',
          'eofAfterColumns',
        ),
        fc.jsonValue(),
      ),
    })
    const documents = fc.oneof(
      spec,
      fc.record({ requests: fc.array(packet, { maxLength: 2 }), responses: fc.array(packet, { maxLength: 3 }) }),
    )
    fc.assert(
      fc.property(documents, (one) => {
        const decoded = mysqlProtocol.mocks.decode({ kind: 'MySQL', spec: one as never, lifetime: 'test' })
        const fine =
          'problem' in decoded ? decoded.problem !== '' : decoded.calls.every(({ protocol }) => protocol === 'mysql')
        expect(fine).toBe(true)
      }),
      RUNS,
    )
  }, 60_000)
})
