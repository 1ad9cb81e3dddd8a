import type { MockContext, MockTracker } from '../protocol/mock-codec.ts'
import { preparedAfter, type Statements } from './mocks-v1.ts'

/** Follows which statements the documents of a file prepare on each connection, for those that only name them. */
export function trackStatements(): MockTracker {
  const known = new Map<string, Statements>()
  return {
    see(mock, connection): MockContext | undefined {
      if (mock.kind !== 'Postgres' && mock.kind !== 'PostgresV2') return undefined
      const before: Statements = known.get(connection) ?? new Map()
      const { after, named } = preparedAfter(mock, before)
      known.set(connection, after)
      return named.size > 0 ? named : undefined
    },
  }
}

/** What `trackStatements` gave. */
export function statementsOf(context: MockContext | undefined): Statements | undefined {
  return context instanceof Map ? (context as Statements) : undefined
}
