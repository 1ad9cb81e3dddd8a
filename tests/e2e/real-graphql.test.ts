/**
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: a GraphQL server that we did not write
 * Impact: a broken release is stopped, a good one is not
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { ClientError, GraphQLClient, getIntrospectionQuery, gql } from '../real/graphql-client.ts'
import { binOf, ignoredPaths, notPassed, recordService, replayService } from '../real/recorded-service.ts'
import type { RealService, Replay } from '../real/recorded-service.ts'
import { tempDir } from './support/temp-dir.ts'
import type { TempDir } from './support/temp-dir.ts'

const data = {
  books: [
    { id: 1, title: 'Taps', pages: 254, writer_id: 123, printed_on: '2017-07-03T00:00:00.000Z' },
    { id: 2, title: 'Journals', pages: 65, writer_id: 456, printed_on: '2019-02-11T00:00:00.000Z' },
    { id: 3, title: 'Bindings', pages: 310, writer_id: 123, printed_on: '2021-11-30T00:00:00.000Z' },
  ],
  writers: [
    { id: 123, name: 'Ann' },
    { id: 456, name: 'Bo' },
  ],
}

const create = gql`
  mutation Create($title: String!, $pages: Int!, $writer: ID!, $printed: Date!) {
    createBook(title: $title, pages: $pages, writer_id: $writer, printed_on: $printed) {
      id
      title
      Writer {
        id
        name
      }
    }
  }
`
const update = gql`
  mutation Update($id: ID!, $pages: Int) {
    updateBook(id: $id, pages: $pages) {
      id
      pages
    }
  }
`
const remove = gql`
  mutation Remove($id: ID!) {
    removeBook(id: $id) {
      id
    }
  }
`
const one = gql`
  query One($id: ID!) {
    Book(id: $id) {
      id
      title
      pages
      printed_on
      Writer {
        name
        Books {
          id
        }
      }
    }
  }
`
const list = gql`
  query List($filter: BookFilter, $page: Int) {
    allBooks(filter: $filter, page: $page, perPage: 2, sortField: "pages", sortOrder: "desc") {
      id
      title
    }
    _allBooksMeta(filter: $filter) {
      count
    }
  }
`

async function drive(url: string): Promise<void> {
  const client = new GraphQLClient(url)
  await client.request(getIntrospectionQuery())
  await client.request(list, { page: 0 })
  await client.request(list, { filter: { pages_gt: 100, q: 'taps' } })
  await client.request(one, { id: '1' })
  const made = await client.request<{ createBook: { id: string } }>(create, {
    title: 'Replays',
    pages: 12,
    writer: '123',
    printed: '2024-05-06T00:00:00.000Z',
  })
  const { id } = made.createBook
  await client.request(one, { id })
  await client.request(update, { id, pages: 480 })
  await client.request(list, { page: 0 })
  await client.request(remove, { id })
  for (const request of [
    () => client.request('query Unknown { Book(id: 1) { colour } }'),
    () => client.request(one, {}),
    () => client.request('query Broken { Book(id: '),
    () => client.batchRequests([{ document: '{ Writer(id: 456) { name } }' }]),
  ]) {
    await expect(request()).rejects.toThrow(ClientError)
  }
  expect(await client.request(one, { id: 'nobody' })).toEqual({ Book: null })
  await client.rawRequest('query Named { Writer(id: 456) { name Books { title } } }')
}

let dir: TempDir
let service: RealService
let output: string

beforeAll(async () => {
  dir = await tempDir({ 'data.json': JSON.stringify(data) })
  service = {
    folder: dir.path,
    command: (port) => [
      process.execPath,
      binOf('json-graphql-server', 'bin/json-graphql-server.cjs'),
      'data.json',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ],
  }
  output = (await recordService(service, drive)).stdout
  return () => dir[Symbol.asyncDispose]()
})

test('queries, mutations, errors and introspection replay against the same data', async () => {
  expect(output).toContain('15 tests saved')
  for (const name of ['query-introspection-query-1', 'mutation-create-1', 'query-list-3']) {
    expect(output).toContain(`tests/${name}.yaml`)
  }
  const replay = await replayService(service)
  expect(notPassed(replay)).toEqual([])
  expect(replay.report.summary).toMatchObject({ total: 15, passed: 15 })
  expect(ignoredPaths(replay)).toEqual([])
  expect(replay.code).toBe(0)
})

/** Replays against other data. */
async function replayWith(changed: typeof data): Promise<Replay> {
  await writeFile(join(dir.path, 'data.json'), JSON.stringify(changed))
  const replay = await replayService(service)
  await writeFile(join(dir.path, 'data.json'), JSON.stringify(data))
  return replay
}

test('another date of printing fails where it is asked for: it is data, though its field could name a moment', async () => {
  const [first, ...others] = data.books
  const replay = await replayWith({
    ...data,
    books: [{ ...first!, printed_on: '2018-07-03T00:00:00.000Z' }, ...others],
  })
  expect(notPassed(replay)).toEqual([
    'query-one-1 failed: body.data.Book.printed_on is "2018-07-03T00:00:00.000Z" where "2017-07-03T00:00:00.000Z" was recorded.',
  ])
  expect(replay.code).toBe(1)
})

test('the id of what a mutation made is followed, and a book more fails where books are counted or listed', async () => {
  const more = { id: 40, title: 'Forms', pages: 1, writer_id: 456, printed_on: '2016-01-01T00:00:00.000Z' }
  const replay = await replayWith({ ...data, books: [...data.books, more] })
  expect(notPassed(replay)).toEqual([
    'query-list-1 failed: body.data._allBooksMeta.count is 4 where 3 was recorded.',
    'query-list-3 failed: body.data._allBooksMeta.count is 5 where 4 was recorded.',
    'query-named-1 failed: body.data.Writer.Books[1] was added: got {"title":"Forms"}.',
  ])
  const created = replay.tests.find(({ name }) => name === 'mutation-create-1')
  expect(created?.bound).toEqual([expect.objectContaining({ recorded: '4', live: '41' })])
  const removed = replay.tests.find(({ name }) => name === 'mutation-remove-1')
  expect(removed?.rules).toContainEqual({ path: 'body.data.removeBook.id', rule: 'binding' })
})
