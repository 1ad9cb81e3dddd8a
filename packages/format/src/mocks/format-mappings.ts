import { writtenVersion } from '../defaults.ts'
import { emitYaml } from '../yaml/emit.ts'
import type { MappedMock, Mappings } from './mappings.ts'

/**
 * Writes which tests used which mocks, as Keploy 3 does.
 *
 * @example
 * const text = formatMappings({ testSetId: 'test-set-0', tests: new Map([['get-users-1', [{ name: 'mock-0', kind: 'Redis' }]]]) })
 */
export function formatMappings(mappings: Mappings): string {
  return emitYaml({
    version: writtenVersion,
    kind: 'TestMocksMapping',
    test_set_id: mappings.testSetId,
    tests: [...mappings.tests].map(([id, mocks]) => ({ id, mock_entries: mocks.map(entry) })),
  })
}

function entry(mock: MappedMock): Record<string, unknown> {
  return {
    name: mock.name,
    ...(mock.kind !== undefined && { kind: mock.kind }),
    ...(mock.timestamp !== undefined && { timestamp: mock.timestamp }),
    ...(mock.requestTimestamp !== undefined && { reqTimestampMock: mock.requestTimestamp }),
    ...(mock.responseTimestamp !== undefined && { resTimestampMock: mock.responseTimestamp }),
  }
}
