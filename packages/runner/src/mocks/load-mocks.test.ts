import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { formatMappings, formatMock, type Call, type InputIssue } from '@keploy-framework/format'
import type { RecordedCall } from '@keploy-framework/match'
import { findMockCodec } from '@keploy-framework/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { loadMocks, type LoadedMocks } from './load-mocks.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-mocks-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

type Content = Pick<Call, 'protocol' | 'operation' | 'request' | 'response' | 'lifetime'>

const redis = (key: string): Content => ({
  protocol: 'redis',
  operation: 'GET',
  request: { command: ['GET', key] },
  response: `value of ${key}`,
  lifetime: 'test',
})

const contents: readonly Content[] = [
  redis('a'),
  { ...redis('b'), lifetime: 'session' },
  { protocol: 'generic', operation: 'send', request: 'ping', response: 'pong', lifetime: 'test' },
  {
    protocol: 'http',
    operation: 'GET',
    request: { method: 'GET', host: 'api.test', target: '/x', version: '1.1', headers: {} },
    response: { status: 200, reason: 'OK', version: '1.1', headers: { 'Content-Type': 'text/plain' }, body: 'hello' },
    lifetime: 'connection',
  },
  { protocol: 'amqp', operation: 'deliver', request: null, response: { body: 'news' }, lifetime: 'test' },
]

function documentOf(content: Content, index: number, ours: boolean): string {
  const { kind, spec, metadata } = findMockCodec(content.protocol)!.encode(content)
  const type = { test: 'mocks', session: 'config', connection: 'connection' }[content.lifetime]
  const known = {
    type,
    connID: '3',
    ...(ours && { dependency: `${content.protocol} db:1`, operation: content.operation }),
  }
  const name = `mock-${index}`
  return formatMock({
    kind,
    name,
    metadata: { ...known, ...metadata },
    spec,
    requestAt: 1_700_000_000_000 + index,
    responseAt: 1_700_000_000_500,
  })
}

/** Two documents as Keploy writes them: one prepares a statement, one executes it and only names it. */
const statements: readonly string[] = [
  {
    postgresrequests: [{ header: ['P'], parse: [{ name: 's', query: 'select name from later', parameter_oids: [] }] }],
    postgresresponses: [{ header: ['1', 'Z'], ready_for_query: { txstatus: 73 } }],
  },
  {
    postgresrequests: [{ header: ['B', 'E'], bind: [{ prepared_statement: 's' }], execute: [{}] }],
    postgresresponses: [
      {
        header: ['2', 'D', 'C', 'Z'],
        data_row: [{ row_values: ['Ada'] }],
        command_complete: [{ command_tag_type: 'SELECT 1' }],
        ready_for_query: { txstatus: 73 },
      },
    ],
  },
].map((spec, index) =>
  formatMock({
    kind: 'Postgres',
    name: `mock-${index}`,
    metadata: { type: 'mocks' },
    spec,
    requestAt: 1_700_000_000_000 + index,
    responseAt: 1_700_000_000_500,
    connectionId: '0',
  }),
)

async function writeSet(text: string): Promise<void> {
  const mappings = formatMappings({
    testSetId: 's',
    tests: new Map([['get-1', [{ name: 'mock-0' }, { name: 'mock-2' }]]]),
  })
  await writeFile(join(folder, 'mappings.yaml'), mappings)
  await writeFile(join(folder, 'mocks.yaml'), text)
}

function told({ calls, pushes, issues, skipped }: LoadedMocks): unknown {
  const tell = (call: RecordedCall): unknown => ({
    ...call,
    key: call.key(),
    request: call.request(),
    response: call.response(),
  })
  return { calls: calls.map(tell), pushes: pushes.map((push) => ({ ...push, call: tell(push.call) })), issues, skipped }
}

describe('loading mocks', () => {
  it.each([true, false])(
    'gives the same calls whether documents are read at once or when needed (ours: %s)',
    async (ours) => {
      await writeSet(contents.map((content, index) => documentOf(content, index, ours)).join('---\n'))
      const atOnce = await loadMocks(folder, async () => [])
      const later = await loadMocks(folder, async () => [], { readAtOnce: 0 })
      expect(told(later)).toEqual(told(atOnce))
      expect(atOnce.issues).toEqual([])
      expect(atOnce.calls.map(({ operation, tests, lifetime }) => [operation, tests, lifetime])).toEqual([
        ['GET', ['get-1'], 'test'],
        ['GET', [], 'session'],
        [expect.anything(), ['get-1'], 'test'],
        ['GET', [], 'connection'],
      ])
      expect(atOnce.pushes).toHaveLength(1)
    },
  )

  it.each([true, false])('gives the same calls wherever documents stand in their file (ours: %s)', async (ours) => {
    const documents = contents.map((content, index) => documentOf(content, index, ours))
    await writeSet(documents.join('---\n'))
    const before = told(await loadMocks(folder, async () => []))
    await writeSet([3, 1, 4, 0, 2].map((index) => documents[index]).join('---\n'))
    expect(told(await loadMocks(folder, async () => []))).toEqual(before)
    expect(told(await loadMocks(folder, async () => [], { readAtOnce: 0 }))).toEqual(before)
  })

  it('reads the statement that a document names from those that were recorded before, wherever they stand', async () => {
    await writeSet(statements.join('---\n'))
    const before = told(await loadMocks(folder, async () => []))
    expect(JSON.stringify(before)).toContain('select name from later')
    await writeSet(statements.toReversed().join('---\n'))
    expect(told(await loadMocks(folder, async () => []))).toEqual(before)
  })

  it('tells of damage at once in small sets, and in large ones when the call is asked for, which answers nobody', async () => {
    const texts = [redis('a'), redis('b'), redis('c')].map((content, index) => documentOf(content, index, true))
    await writeSet([texts[0], texts[1]!.replace('spec:\n', 'spec:\n    more: [torn\n'), texts[2]].join('---\n'))
    expect((await loadMocks(folder, async () => [])).issues).toMatchObject([
      { code: 'KEPLOY_FORMAT_YAML', file: 'mocks.yaml' },
    ])
    const late: InputIssue[] = []
    const loaded = await loadMocks(folder, async () => [], { readAtOnce: 0, onLateIssue: (issue) => late.push(issue) })
    expect([loaded.issues, late, loaded.calls.length]).toEqual([[], [], 3])
    expect(loaded.calls.map((call) => call.response())).toEqual(['value of a', undefined, 'value of c'])
    expect(loaded.calls[1]!.key()).toBe('\u0000')
    expect(late).toMatchObject([{ code: 'KEPLOY_FORMAT_YAML', file: 'mocks.yaml' }])
  })

  it('tells at once of a file whose end is missing, however large', async () => {
    const text = [redis('a'), redis('b')].map((content, index) => documentOf(content, index, true)).join('---\n')
    await writeSet(text.slice(0, text.lastIndexOf('spec:') + 3))
    const loaded = await loadMocks(folder, async () => [], { readAtOnce: 0 })
    expect(loaded.calls).toHaveLength(1)
    expect(loaded.issues).toMatchObject([{ code: 'KEPLOY_FORMAT_YAML', severity: 'error' }])
  })

  it('leaves tests out where calls answer anyone', async () => {
    await writeSet(documentOf(redis('a'), 0, true))
    expect((await loadMocks(folder, async () => [], { forAnyone: true })).calls.map(({ tests }) => tests)).toEqual([[]])
  })
})
