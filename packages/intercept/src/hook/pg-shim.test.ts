import { createRequire } from 'node:module'

import { expect, it } from 'vitest'

interface FakeClient {
  query(given: unknown): unknown
}

const { client: shim } = createRequire(import.meta.url)('../../hook/shims/pg.cjs') as {
  client(kind: new () => FakeClient): void
}

it('asks newer versions of pg for nothing that they warn about', () => {
  const warnings: string[] = []
  class Client implements FakeClient {
    _activeQuery: object | null = null
    get activeQuery(): object | null {
      warnings.push('Client.activeQuery is deprecated')
      return this._activeQuery
    }
    query(given: object): string {
      this._activeQuery = given
      return 'asked'
    }
  }
  shim(Client)
  expect(new Client().query({})).toBe('asked')
  expect(warnings).toEqual([])
})
