import { createRequire } from 'node:module'

import { expect, it } from 'vitest'

const shims = createRequire(import.meta.url)('../../hook/shims/pg.cjs') as { readonly client: (kind: unknown) => void }

it('asks newer versions of pg for nothing that they warn about', () => {
  const warnings: string[] = []
  // What pg keeps by itself, and the property that it warns about.
  const own = '_activeQuery'
  class Client {
    [own]: object | null = null
    get activeQuery(): object | null {
      warnings.push('Client.activeQuery is deprecated')
      return this[own]
    }
    query(given: object): string {
      this[own] = given
      return 'asked'
    }
  }
  shims.client(Client)
  expect(new Client().query({})).toBe('asked')
  expect(warnings).toEqual([])
})
