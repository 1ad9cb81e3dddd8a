import { createRequire } from 'node:module'

import { expect, it } from 'vitest'

const shims = createRequire(import.meta.url)('../../hook/shims/pg.cjs') as { readonly client: (kind: unknown) => void }

const context = createRequire(import.meta.url)('../../hook/context.cjs') as {
  current(): { readonly clientPort: number } | undefined
  run(cause: object, work: () => void): void
}

it('says of what is asked outside of every request that it belongs to none', () => {
  const seen: (number | undefined)[] = []
  class Client {
    query(given: { submit(): void }): void {
      given.submit()
    }
  }
  shims.client(Client)
  const ask = () => new Client().query({ submit: () => void seen.push(context.current()?.clientPort) })
  ask()
  context.run({ clientPort: 4000, ordinal: 0 }, ask)
  expect(seen).toEqual([0, 4000])
})

it('says so of what is written at once, too', () => {
  const seen: (number | undefined)[] = []
  class Client {
    query(_text: string): void {
      seen.push(context.current()?.clientPort)
    }
  }
  shims.client(Client)
  const ask = () => new Client().query('begin')
  ask()
  context.run({ clientPort: 4000, ordinal: 0 }, ask)
  expect([...seen, context.current()]).toEqual([0, 4000, undefined])
})

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
