import type { MockContext, MockSource, MockTracker } from '../../protocol/mock-codec.ts'
import { toValue } from '../../protocol/value.ts'
import { numberField, textField } from './loose-fields.ts'
import { readPackets, type DocumentPacket } from './read-packets.ts'

/** Statements of one connection that are kept, at most. */
const LIMIT = 10_000

/** What a document of an execution needs: the SQL of its statement. */
class NamedStatement {
  readonly sql: string

  constructor(sql: string) {
    this.sql = sql
  }
}

/** Follows which statements the documents of a file prepare on each connection, for executions that give their number only. */
export function trackStatements(): MockTracker {
  const known = new Map<string, Map<number, string>>()
  return {
    see(mock, connection): MockContext | undefined {
      if (mock.kind === 'Call') return undefined
      const [asked] = packetsOf(mock, 'requests')
      if (asked === undefined) return undefined
      const statements = known.get(connection) ?? new Map<number, string>()
      known.set(connection, statements)
      if (asked.type === 'COM_STMT_PREPARE') {
        const prepared = packetsOf(mock, 'responses').find(({ type }) => type === 'COM_STMT_PREPARE_OK')
        const sql = textField(asked.message, 'query')
        if (prepared === undefined || typeof sql !== 'string' || statements.size >= LIMIT) return undefined
        statements.set(numberField(prepared.message, 'statement_id'), sql)
        return undefined
      }
      const sql = statements.get(numberField(asked.message, 'statement_id'))
      if (asked.type === 'COM_STMT_CLOSE') statements.delete(numberField(asked.message, 'statement_id'))
      return asked.type === 'COM_STMT_EXECUTE' && sql !== undefined ? new NamedStatement(sql) : undefined
    },
  }
}

/** A document with the SQL of its statement, where it is known and the document has none of its own. */
export function withStatement(mock: MockSource, context: MockContext | undefined): MockSource {
  if (!(context instanceof NamedStatement) || mock.metadata?.['statement'] !== undefined) return mock
  return { ...mock, metadata: { ...mock.metadata, statement: context.sql } }
}

function packetsOf({ spec }: MockSource, side: 'requests' | 'responses'): DocumentPacket[] {
  const packets = readPackets(toValue(spec[side]))
  return typeof packets === 'string' ? [] : packets.map(({ type, message }) => ({ type: type.toUpperCase(), message }))
}
