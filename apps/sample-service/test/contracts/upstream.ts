import { expect, test } from 'vitest'

import type { Caller } from '../../src/upstream/caller.ts'
import type { Upstream, UpstreamContext } from '../../src/upstream/upstream.ts'

const practitioner: Caller = { tenant: 't1', id: 'p1', role: 'practitioner', sealed_authorization: null }
const as = (caller: Partial<Caller> = {}, idempotencyKey = 'k1'): UpstreamContext => ({
  caller: { ...practitioner, ...caller },
  idempotencyKey,
})

/** What every upstream with the sample data does; `use` lends a fresh one to a test. */
export function upstreamContract(
  name: string,
  use: (work: (upstream: Upstream) => Promise<void>) => Promise<void>,
): void {
  test(`${name}: things are found, read, and listed with what belongs to them`, () =>
    use(async (upstream) => {
      await expect(
        upstream.send({ method: 'GET', path: '/clients', query: { search: 'john', limit: undefined } }, as()),
      ).resolves.toMatchObject({ items: [{ id: 'c1', name: 'John Smith' }], total: 1 })
      await expect(upstream.send({ method: 'GET', path: '/clients/c2' }, as())).resolves.toMatchObject({
        name: 'Zoë Müller',
      })
      await expect(upstream.send({ method: 'GET', path: '/clients/c1/summary' }, as())).resolves.toEqual({
        id: 'c1',
        summary: 'Anxiety before talks.',
      })
      await expect(upstream.send({ method: 'GET', path: '/conversations/v1/messages' }, as())).resolves.toMatchObject({
        total: 2,
      })
    }))

  test(`${name}: a request that is repeated creates one thing, which can be changed and deleted`, () =>
    use(async (upstream) => {
      const create = () =>
        upstream.send({ method: 'POST', path: '/notes', body: { client_id: 'c1', text: 'Zoë 🎲' } }, as({}, 'once'))
      const note = (await create()) as { id: string }
      await expect(create()).resolves.toEqual(note)
      const path = `/notes/${note.id}`
      await expect(upstream.send({ method: 'PATCH', path, body: { text: 'b' } }, as())).resolves.toMatchObject({
        ...note,
        text: 'b',
      })
      await expect(upstream.send({ method: 'DELETE', path }, as())).resolves.toBeNull()
      await expect(upstream.send({ method: 'GET', path }, as())).rejects.toMatchObject({ code: 'UPSTREAM_NOT_FOUND' })
    }))

  test(`${name}: a client sees itself and no other, and a tenant nothing of another`, () =>
    use(async (upstream) => {
      const client = as({ role: 'client', id: 'c1' })
      await expect(upstream.send({ method: 'GET', path: '/clients/c1' }, client)).resolves.toMatchObject({ id: 'c1' })
      for (const path of ['/clients/c2', '/clients', '/sessions']) {
        await expect(upstream.send({ method: 'GET', path }, client)).rejects.toMatchObject({
          code: 'UPSTREAM_FORBIDDEN',
        })
      }
      await upstream.send({ method: 'PATCH', path: '/clients/c1', body: { name: 'changed' } }, as({ tenant: 't2' }))
      await expect(upstream.send({ method: 'GET', path: '/clients/c1' }, as())).resolves.toMatchObject({
        name: 'John Smith',
      })
    }))
}
