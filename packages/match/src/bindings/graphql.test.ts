import { describe, expect, test } from 'vitest'

import { makeTest } from '../../test/make-test.ts'
import { BindingTable } from './binding-table.ts'
import { readGraphql } from './graphql.ts'
import { planBindings } from './plan-bindings.ts'

const ask = (name: string, query: string, variables: object, responseBody: object) =>
  makeTest({
    name,
    method: 'POST',
    url: 'http://h/graphql',
    body: JSON.stringify({ query, variables }),
    responseBody: { data: responseBody },
  })

const CREATE =
  'mutation Create($title: String! = "4", $writer: ID) { createBook(title: $title, writer_id: $writer) { id } }'
const ONE = 'query One($book: ID!) { mine: Book(id: $book) { id Writer { id } } }'
const create = ask('create', CREATE, { title: '4', writer: '4' }, { createBook: { id: '4' } })

describe('an id that a mutation answers with', () => {
  const list = ask('list', '{ allBooks { id } }', {}, { allBooks: [{ id: '1' }, { id: '2' }] })
  const one = ask('one', ONE, { book: '4', title: '4' }, { mine: { id: '4', Writer: { id: '4' } } })
  const inline = ask('inline', '{ Book(id: "4") { id } Writer(id: 4) { id } }', {}, { Book: { id: '4' } })
  const input = ask(
    'input',
    'mutation U($in: BookInput) { updateBook(input: $in) { id } }',
    { in: { id: '4', n: '4' } },
    {},
  )
  const nested = ask('nested', '{ books(where: { id: 4, n: 4 }, ids: [3, 4]) { id } }', {}, { books: [{ id: 4 }] })
  const tests = [list, create, one, inline, input, nested]

  const table = () => {
    const made = new BindingTable(planBindings(tests))
    made.beginTest('create')
    const position = made.bodyPosition(['data', 'createBook', 'id'], 3, '4')
    expect(made.expect('4', '31', position)).toBe('bound')
    return made
  }
  const sent = (name: string) => {
    const { body } = table().substituteRequest(tests.find((each) => each.name === name)!.request).request
    return JSON.parse(body.type === 'text' ? body.text : '') as { query: string; variables: unknown }
  }

  test('is planned as that of its entity, and what queries show is data', () => {
    const plan = planBindings(tests)
    expect([...plan.values.values()].map(({ entity, recorded }) => `${entity} ${recorded}`)).toEqual(['book 4'])
    expect(plan.producersOf('one')).toEqual(['create'])
    expect(plan.producersOf('list')).toEqual([])
  })

  test('is put into variables by the argument in which they are used', () => {
    expect(sent('one').variables).toEqual({ book: '31', title: '4' })
    expect(sent('input').variables).toEqual({ in: { id: '31', n: '4' } })
    expect(sent('create').variables).toEqual({ title: '4', writer: '4' })
  })

  test('is put into the query itself where it stands as an argument', () => {
    expect(sent('inline').query).toBe('{ Book(id: "31") { id } Writer(id: 4) { id } }')
    expect(sent('nested').query).toBe('{ books(where: { id: 31, n: 4 }, ids: [3, 4]) { id } }')
  })

  test('has to come back wherever the entity is shown', () => {
    const bound = table()
    bound.beginTest('inline')
    expect(bound.expect('4', '4', bound.bodyPosition(['data', 'Book', 'id'], 3, '4'))).toBe('mismatch')
    expect(bound.expect('4', '31', bound.bodyPosition(['data', 'allBooks', 0, 'id'], 4, '4'))).toBe('equal')
  })
})

describe('readGraphql', () => {
  test.each(['', '[]', '{"query":5}', '{"query":"books"}', '{"query":"{ a", ', '{"q":"{ a }"}', '"query"'])(
    'leaves %s alone',
    (text) => {
      expect(readGraphql(text)).toBeUndefined()
    },
  )

  test('knows queries, mutations and what comes after fragments', () => {
    const kinds = ['{ a }', 'query { a }', 'fragment F on A { b } mutation { c }', 'subscription S { d }', '# c\n{ a }']
    expect(kinds.map((query) => readGraphql(JSON.stringify({ query }))?.changes)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
  })
})
