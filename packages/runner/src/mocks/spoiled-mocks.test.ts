import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { emitYaml, type CallContent, type InputIssue, type MockKind, type YamlValue } from '@keploy-framework/format'
import { findMockCodec } from '@keploy-framework/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { loadMocks } from './load-mocks.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spoiled-mocks-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

type Spec = Readonly<Record<string, YamlValue>>
interface Sample {
  readonly kind: MockKind
  readonly spec: Spec
}

const test = { lifetime: 'test' } as const
const calls: readonly CallContent[] = [
  { ...test, protocol: 'generic', operation: 'send', request: 'hi', response: new Uint8Array([0, 255]) },
  { ...test, protocol: 'redis', operation: 'GET', request: { command: 'GET', args: ['a'] }, response: 'b' },
  {
    ...test,
    protocol: 'mysql',
    operation: 'SELECT',
    request: { sql: 'SELECT 1' },
    response: { columns: [{ name: 'a', type: 'longlong', charset: 63, length: 1 }], rows: [[1]] },
  },
  {
    ...test,
    protocol: 'postgres',
    operation: 'SELECT',
    request: { sql: 'select 1', params: ['7'] },
    response: { columns: [{ name: 'a', type: 'int4' }], rows: [['1']], tag: 'SELECT 1' },
  },
  { ...test, protocol: 'dns', operation: 'A', request: { name: 'a.', type: 'A' }, response: { rcode: 0 } },
  {
    ...test,
    protocol: 'mongodb',
    operation: 'find',
    request: { find: 'a', $db: 'b' },
    response: { ok: 1 },
  },
  {
    ...test,
    protocol: 'kafka',
    operation: 'Metadata',
    request: { api: 'Metadata', topics: ['a'] },
    response: { topics: [] },
  },
]
const v1: Spec = {
  postgresrequests: [
    {
      header: ['P', 'B', 'D', 'E'],
      parse: [{ name: 's', query: 'select $1', parameter_oids: [23] }],
      bind: [{ prepared_statement: 's', parameters: [[49]], parameter_format_codes: [0] }],
      describe: { object_type: 80, name: '' },
      execute: [{ portal: '', max_rows: 0 }],
    },
  ],
  postgresresponses: [
    {
      header: ['1', '2', 'T', 'D', 'C', 'Z'],
      row_description: { fields: [{ field_name: 'a', data_type_oid: 23, format: 0 }] },
      data_row: [{ row_values: ['1'] }],
      command_complete: [{ command_tag_type: 'SELECT 1' }],
      ready_for_query: { txstatus: 73 },
    },
  ],
}
const query = {
  sqlNormalized: 'select $1',
  bindValues: [{ format: 0, bytes: new Uint8Array([49]) }],
  response: { rowDescription: [{ name: 'a', data_type_oid: 23 }], rows: [[1]], commandComplete: 'SELECT 1' },
}
const grpc = (decoded_data: string): YamlValue => ({
  headers: { pseudo_headers: { ':method': 'POST', ':path': '/a.B/C', ':status': '200' }, ordinary_headers: {} },
  body: { compression_flag: 0, message_length: 7, decoded_data },
  trailers: { pseudo_headers: {}, ordinary_headers: { 'grpc-status': '0' } },
})
const http: Spec = {
  req: { method: 'GET', url: 'http://a.test/b?c=d', header: { Accept: '*/*' }, body: '' },
  resp: { status_code: 200, header: { 'Content-Type': 'application/json' }, body: '{"a":1}' },
}
const samples: readonly Sample[] = [
  ...calls.map((call) => findMockCodec(call.protocol)!.encode(call)),
  { kind: 'Http', spec: http },
  { kind: 'gRPC', spec: { grpcReq: grpc('1: {"world"}\n'), grpcResp: grpc('1: {"hello"}\n') } },
  { kind: 'Postgres', spec: v1 },
  { kind: 'PostgresV3', spec: { postgresV3: { type: 'query', query } } },
  { kind: 'Aerospike', spec: { any: 'thing' } },
]

const junk = fc.oneof(
  fc.constantFrom<YamlValue[]>(null, 0, -1, 4294967296, 0.5, true, [], {}, [null], [[[[]]]], { a: { b: [] } }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'A'.repeat(70_000), '\u001b[31m', '\n::error::x', '{', '[', '!!binary x'),
  fc.uint8Array({ maxLength: 20 }),
)

/** A copy in which one place holds something else, or is gone. */
function spoil(value: YamlValue, steps: readonly number[], by: YamlValue, gone: boolean): YamlValue {
  const [step, ...rest] = steps
  const isTree = typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
  const entries = isTree ? Object.entries(value as Record<string, YamlValue>) : []
  if (step === undefined || entries.length === 0) return by
  const at = step % entries.length
  const changed = entries.flatMap(([name, item], index): [string, YamlValue][] => {
    if (index !== at) return [[name, item]]
    return gone && rest.length === 0 ? [] : [[name, spoil(item, rest, by, gone)]]
  })
  return Array.isArray(value) ? changed.map(([, item]) => item) : Object.fromEntries(changed)
}

function documentOf(name: string, kind: string, spec: YamlValue): string {
  const isMapping = typeof spec === 'object' && spec !== null && !Array.isArray(spec) && !(spec instanceof Uint8Array)
  const whole = isMapping ? { metadata: { type: 'mocks' }, ...(spec as Spec) } : spec
  return emitYaml({ version: 'api.keploy.io/v1beta1', kind, name, spec: whole })
}

const good = documentOf('good', 'Generic', samples[0]!.spec)

function expectNamed(issues: readonly InputIssue[]): void {
  for (const issue of issues) {
    expect(issue).toMatchObject({ file: 'mocks.yaml', line: expect.any(Number) })
    // oxlint-disable-next-line no-control-regex -- none of them may be there
    expect(issue.message).not.toMatch(/[\u0000-\u001f\u007f]/)
    expect(issue.message.length).toBeLessThan(700)
  }
}

describe('mocks that somebody spoiled', () => {
  it('are all read while they are whole', async () => {
    const text = samples.map(({ kind, spec }, index) => documentOf(`mock-${index}`, kind, spec)).join('---\n')
    await writeFile(join(folder, 'mocks.yaml'), text)
    const { calls: loaded, issues, skipped } = await loadMocks(folder, async () => [])
    expect(issues).toEqual([])
    expect(Object.fromEntries(skipped)).toEqual({ DNS: 1, Aerospike: 1 })
    expect(new Set(loaded.map(({ name }) => name.replace(/#.*/, ''))).size).toBe(samples.length - 2)
  })

  it('never stop the others, and are named with their file and line', { timeout: 120_000 }, async () => {
    const change = fc.record({
      sample: fc.constantFrom(...samples),
      steps: fc.array(fc.nat(20), { maxLength: 9 }),
      by: junk,
      gone: fc.boolean(),
    })
    const property = async (changes: readonly Parameters<typeof apply>[0][], readAtOnce: number): Promise<void> => {
      await writeFile(join(folder, 'mocks.yaml'), [...changes.map(apply), good].join('---\n'))
      const late: InputIssue[] = []
      const options = { readAtOnce, onLateIssue: (issue: InputIssue): void => void late.push(issue) }
      const loaded = await loadMocks(folder, async () => [], options)
      for (const call of loaded.calls) for (const part of ['key', 'request', 'response'] as const) call[part]()
      expect(loaded.calls.find(({ name }) => name === 'good')?.request()).toBe('hi')
      expectNamed([...loaded.issues, ...late])
    }
    const apply = (
      { sample, steps, by, gone }: { sample: Sample; steps: number[]; by: YamlValue; gone: boolean },
      index: number,
    ): string => documentOf(`bad-${index}`, sample.kind, spoil(sample.spec, steps, by, gone))
    const changes = fc.array(change, { minLength: 1, maxLength: 4 })
    await fc.assert(fc.asyncProperty(changes, fc.constantFrom(0, 1e9), property), { numRuns: 300 })
  })

  it('may name what every object has', async () => {
    const [request, answer] = [v1['postgresrequests'], v1['postgresresponses']] as Record<string, YamlValue>[][]
    const letters = ['__proto__', 'constructor', 'toString', 'P']
    const spec = {
      postgresrequests: [{ ...request![0], header: letters }],
      postgresresponses: [
        { ...answer![0], header: ['E', ...letters], error_response: { constructor: 'a', tostring: 'b', code: '1' } },
      ],
    }
    await writeFile(join(folder, 'mocks.yaml'), `${documentOf('odd', 'Postgres', spec)}---\n${good}`)
    const { calls: loaded } = await loadMocks(folder, async () => [])
    expect(loaded.at(-1)?.request()).toBe('hi')
    for (const call of loaded) expect(JSON.stringify(call.response())).not.toContain('function')
  })

  it('may be any text', { timeout: 60_000 }, async () => {
    const text = samples.map(({ kind, spec }, index) => documentOf(`mock-${index}`, kind, spec)).join('---\n')
    const cut = fc.record({ at: fc.nat(text.length), by: fc.oneof(fc.string(), fc.string({ unit: 'binary' })) })
    await fc.assert(
      fc.asyncProperty(cut, async ({ at, by }) => {
        await writeFile(join(folder, 'mocks.yaml'), `${good}---\n${text.slice(0, at)}${by}`)
        const { calls: loaded } = await loadMocks(folder, async () => [])
        expect(loaded[0]?.request()).toBe('hi')
      }),
      { numRuns: 300 },
    )
  })

  it('may have names twice, owners that are not there, keys of objects, and unknown protocols', async () => {
    await writeFile(
      join(folder, 'mocks.yaml'),
      `${good}---\n${good}---\n${good.replace('name: good', 'name: __proto__')}`,
    )
    await writeFile(
      join(folder, 'calls.yaml'),
      `${documentOf('odd', 'Call', { protocol: 'smtp\n', operation: 'x', request: 1 })}---\n` +
        documentOf('proto', 'Call', { protocol: 'redis', operation: 'GET', request: { ['__proto__']: { a: 1 } } }),
    )
    await writeFile(
      join(folder, 'mappings.yaml'),
      `version: api.keploy.io/v1beta1\nkind: TestMocksMapping\ntest_set_id: s\ntests:\n  - id: __proto__\n    mock_entries: [{name: good, kind: Generic}, {name: nowhere, kind: Http}]\n  - id: gone\n    mock_entries: [{name: __proto__, kind: Generic}]\n`,
    )
    const { calls: loaded, issues } = await loadMocks(folder, async () => [])
    expect(loaded.map(({ name, tests }) => [name, tests])).toEqual([
      ['good', ['__proto__']],
      ['good', ['__proto__']],
      ['__proto__', ['gone']],
      ['proto', []],
    ])
    expect(issues).toMatchObject([
      {
        file: 'calls.yaml',
        line: 1,
        message: expect.stringContaining('spec.protocol "smtp\\n" is none that is known'),
      },
      {
        severity: 'warning',
        file: 'mappings.yaml',
        message: expect.stringMatching(/several in mocks\.yaml.*: good\.$/),
      },
    ])
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })
})
