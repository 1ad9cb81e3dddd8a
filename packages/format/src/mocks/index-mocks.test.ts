import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { randomDocument, randomScalar } from '../../test/random-yaml.ts'
import { emitYaml } from '../yaml/emit.ts'
import { indexMocks, type IndexedMock } from './index-mocks.ts'
import { readMocks, type ReadMock } from './read-mocks.ts'
import { scanMock } from './scan-mock.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'format-index-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

async function both(name: string, content: string | Uint8Array): Promise<{ full: ReadMock[]; index: IndexedMock[] }> {
  const file = join(folder, name)
  await writeFile(file, content)
  return { full: await collect(readMocks(file)), index: await collect(indexMocks(file)) }
}

function plain({ mock, issues }: ReadMock): unknown {
  if (mock === undefined) return { issues }
  const { document, ...rest } = mock
  return { ...rest, line: document.line, file: document.file, issues }
}

/** The index tells what the full reader tells; only damage below the head of a document shows when it is read. */
async function expectSame(name: string, content: string | Uint8Array): Promise<number> {
  const { full, index } = await both(name, content)
  expect(index.map((entry) => plain(entry.read()))).toEqual(full.map(plain))
  for (const [at, { mock, issues }] of full.entries()) {
    const entry = index[at]!
    expect(entry.issues).toEqual(entry.scanned === undefined ? issues : [])
    if (mock === undefined) continue
    const { kind, name: called, version, metadata, lifetime, connectionId, requestAt } = mock
    expect({ ...entry.head }).toMatchObject({ kind, name: called, version, metadata, lifetime, requestAt })
    expect(entry.head?.connectionId).toBe(connectionId)
  }
  return index.filter(({ scanned }) => scanned !== undefined).length
}

const value = fc.oneof(
  { arbitrary: fc.constantFrom('config', 'mocks', 'postgres 127.0.0.1:5432', '{ OpQuery: "x" }', '', '7'), weight: 60 },

  fc.constantFrom(
    'config',
    'mocks',
    'postgres 127.0.0.1:5432',
    '{ OpQuery: "x" }',
    '',
    'null',
    '7',
    '007',
    '1.10',
    'a: b',
  ),
  fc.constantFrom('a #b', '0x1F', 'true', 'True', '~', '*x', '"q"', "it's", 'é', 'two\nlines', '2026-07-17T09:10:53Z'),
  randomScalar.filter((one) => typeof one === 'string'),
)

const good = fc.constantFrom(
  'reqTimestampMock: 2026-07-17T09:10:53.449Z',
  'body: |\n        ---\n        metadata: {type: x}\n      # no comment\n        reqTimestampMock: 1',
  'text: "a\n      reqTimestampMock: b"',
  'items:\n    - a\n    - b: c',
  'protocol: redis',
  '# comment',
)

const odd = fc.constantFrom(
  'reqTimestampMock: 2026-07-17T09:10:53.449Z',
  "reqtimestampmock: '2026-07-17T09:10:53Z'",
  'reqTimestampMock: 2026-07-17T09:10:53Z # then',
  'ReqTimestampMock: |\n        2026-07-17T09:10:53Z',
  'protocol: redis',
  'operation: !x y',
  'text: |\n        ---\n        metadata: {type: x}\n      # no comment\n        reqTimestampMock: 1',
  'text: "a\n      reqTimestampMock: b"',
  'plain: a\n        b',
  'list:\n    - a\n    - b: c',
  'list: [a,\n  b]',
  '# comment',
  '<<: {a: 1}',
  '"quoted": 1',
  '? a\n    : b',
  'metadata: {type: config}',
  'metadata:\n    type: config # why',
  '\ttab: 1',
)

const mock = fc
  .record({
    kind: fc.constantFrom(
      'Redis',
      'Http',
      'Call',
      'MySQL',
      'Mongo',
      'gRPC',
      'Kafka',
      'Alien',
      '"Mongo"',
      '!!str Redis',
    ),
    name: fc.oneof(
      fc.nat({ max: 99 }).map((number) => `mock-${number}`),
      value,
    ),
    metadata: fc.dictionary(fc.constantFrom('type', 'connID', 'operation', 'dependency', 'a b', '7'), value),
    flow: fc.constantFrom(false, false, false, true),
    lines: fc.array(fc.oneof({ arbitrary: good, weight: 8 }, { arbitrary: odd, weight: 1 }), { maxLength: 4 }),
    deep: fc.option(
      fc.oneof({ arbitrary: randomDocument, weight: 9 }, { arbitrary: fc.constant('a: "open\n'), weight: 1 }),
    ),
    tail: fc.constantFrom(
      '',
      'connectionId: "7"\n',
      'connectionId: c\n',
      'noise: {}\n',
      'curl: |\n  x\n',
      'extra:\n  - a\n',
      '...\n',
    ),
    version: fc.constantFrom('api.keploy.io/v1beta1', 'api.keploy.io/v1beta1', 'api.keploy.io/v1beta1', 'v9'),
  })
  .map(({ kind, name, metadata, flow, lines, deep, tail, version }) => {
    const head = emitYaml({ name }).trimEnd()
    const data = flow
      ? `    metadata: ${JSON.stringify(metadata)}\n`
      : indented(emitYaml({ metadata }, { indent: 4 }), 4)
    const nested = deep === null ? '' : `    inner:\n${indented(deep.replaceAll(/^(?:---|\.\.\.|%).*$/gm, ''), 8)}`
    const own = lines.map((line) => `    ${line}\n`).join('')
    return `version: ${version}\nkind: ${kind}\n${head}\nspec:\n${data}${nested}${own}${tail}`
  })

function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by)).replace(/(?<!\n)$/, '\n')
}

const file = fc
  .tuple(
    fc.array(mock, { minLength: 2, maxLength: 4 }),
    fc.constantFrom('', '# Generated by Keploy (3.6.0)\n', '---\n', '\ufeff', '%YAML 1.2\n---\n'),
    fc.boolean(),
  )
  .map(([mocks, first, crlf]) => {
    const text = first + mocks.join('---\n')
    return crlf ? text.replaceAll('\n', '\r\n') : text
  })

describe('an index of mocks', () => {
  it('tells the same as the reader that reads all of them', async () => {
    let scanned = 0
    await fc.assert(
      fc.asyncProperty(file, async (text) => {
        scanned += await expectSame('mocks.yaml', text)
      }),
      { numRuns: 300 },
    )
    // How many are told without being read depends on the seed; that none is would make this test say nothing.
    expect(scanned).toBeGreaterThan(0)
  }, 120_000)

  it('tells the same of files that are damaged', async () => {
    let scanned = 0
    await fc.assert(
      fc.asyncProperty(
        file,
        fc.nat(),
        fc.nat({ max: 60 }),
        fc.oneof(
          fc.constantFrom('', '\n', '---\n', ' ', '\t', '"', '\n...\n', '#', ': ', '- ', '\r'),
          fc.string({ maxLength: 6 }),
        ),
        fc.boolean(),
        async (text, at, cut, put, tail) => {
          const from = at % (text.length + 1)
          scanned += await expectSame('mocks.yaml', text.slice(0, from) + (tail ? '' : put + text.slice(from + cut)))
        },
      ),
      { numRuns: 300 },
    )
    // How many are told without being read depends on the seed; that none is would make this test say nothing.
    expect(scanned).toBeGreaterThan(0)
  }, 120_000)

  it('tells the same of bytes that are no text, of JSON, of other encodings, and of no file', async () => {
    const head = 'version: api.keploy.io/v1beta1\nkind: Http\nname: a\nspec:\n    metadata: {}\n'
    await expectSame(
      'mocks.yaml',
      Buffer.concat([Buffer.from(`${head}    a: `), Buffer.from([255, 10]), Buffer.from(`---\n${head}`)]),
    )
    const line = JSON.stringify({
      version: 'api.keploy.io/v1beta1',
      kind: 'Http',
      name: 'a',
      spec: { metadata: { type: 'config' } },
    })
    await expectSame('mocks.json', `${line}\n${line}\n{"version": 1}\n${line.slice(0, 40)}`)
    await expectSame('mocks.gob', 'x')
    await expectSame('mocks.yml', '')
    const missing = join(folder, 'missing.yaml')
    expect(await collect(indexMocks(missing))).toMatchObject([{ issues: [{ code: 'KEPLOY_FORMAT_READ' }] }])
  })

  it('does not read what it can tell without, and always the last document, which may be cut off', async () => {
    const document = (name: string, rest: string) =>
      `version: api.keploy.io/v1beta1\nkind: Redis\nname: ${name}\nspec:\n    metadata:\n        type: mocks\n        dependency: redis db:6379\n    a: ${rest}\n    reqtimestampmock: 2026-07-17T09:10:53Z\n`
    const { index } = await both(
      'mocks.yaml',
      `${document('a', '"x"')}---\n${document('b', '[torn')}---\n${document('c', '{x')}`,
    )
    expect(index.map(({ head, scanned, issues }) => [head?.name, scanned !== undefined, issues.length])).toEqual([
      ['a', true, 0],
      ['b', true, 0],
      [undefined, false, 1],
    ])
    expect(index[1]!.read()).toMatchObject({ issues: [{ code: 'KEPLOY_FORMAT_YAML', line: 19 }] })
    expect(scanMock(Buffer.from(document('a', '1')))?.head.metadata.get('dependency')).toBe('redis db:6379')
  })
})
