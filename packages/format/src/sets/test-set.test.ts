import { createHash } from 'node:crypto'
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { FormatError } from '../errors.ts'
import type { TestCase } from '../vocabulary/test-case.ts'
import { listTestSets } from './list-test-sets.ts'
import { readTestSet } from './read-test-set.ts'
import { readRequestBody } from './request-body.ts'
import { resolveInside } from './resolve-inside.ts'
import { openTestSet } from './test-set-reader.ts'
import { writeAtomically } from './write-atomically.ts'
import { type NewTest, writeTestSet } from './write-test-set.ts'

let root = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'format-sets-'))
})

afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

function example(name: string, at: number): TestCase {
  return {
    name,
    kind: 'Http',
    file: `tests/${name}.yaml`,
    request: {
      method: 'GET',
      url: `http://localhost/${name}`,
      protoMajor: 1,
      protoMinor: 1,
      headers: [['Accept', '*/*']],
      body: { type: 'empty' },
      timestamp: at,
    },
    response: {
      status: 200,
      statusMessage: 'OK',
      headers: [['Content-Type', 'text/plain']],
      body: { type: 'text', text: 'timestamp: 2001-01-01T00:00:00Z\n' },
      timestamp: at + 5,
    },
    assertions: { noise: new Map() },
    annotations: { tags: [], skip: false, only: false },
    created: 1,
  }
}

async function code(action: Promise<unknown>): Promise<string> {
  try {
    await action
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
  return 'none'
}

describe('a test set on disk', () => {
  it('reads back as it was written, with what Keploy has no place for', async () => {
    const base = example('post-a-1', 1_784_279_453_000)
    const wire = new Uint8Array([31, 139, 8, 0])
    const test: TestCase = {
      ...base,
      request: {
        ...base.request,
        method: 'POST',
        headers: [
          ['Accept', 'a'],
          ['Accept', 'b, c'],
          ['X', '1'],
        ],
        body: { type: 'text', text: 'x' },
        encoding: 'gzip',
      },
      response: {
        ...base.response,
        headers: [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2, c=3'],
        ],
        body: { type: 'omitted', size: 9, sha256: 'ab' },
      },
      annotations: { suite: 'Sessions', description: 'd', tags: ['slow'], skip: true, only: true },
      durationMs: 1.5,
      stream: {
        kind: 'websocket',
        items: [
          { at: 1_784_279_453_001, from: 'client', data: { type: 'text', text: 'hi\n' } },
          { at: 1_784_279_453_002, from: 'server', data: { type: 'binary', bytes: new Uint8Array([0, 255]) } },
          { at: 1_784_279_453_003, from: 'server', data: { type: 'ping', bytes: new Uint8Array([112]) } },
          { at: 1_784_279_453_004, from: 'client', data: { type: 'close', code: 1000, reason: 'bye' } },
          { at: 1_784_279_453_004, from: 'server', data: { type: 'close' } },
        ],
      },
    }
    const secrets = [
      { number: 1, kind: 'jwt', firstSeen: 'header', jwt: { header: { alg: 'HS256' }, claims: { iat: 1 } } },
    ]
    const written = await writeTestSet(
      {
        name: 's',
        tests: [{ test, wireBody: wire, curl: 'curl x' }],
        secrets,
        sidecar: new Map([['bindings', { x: [1] }]]),
      },
      { directory: root },
    )
    expect([...written.files].sort()).toEqual([
      'assets/post-a-1/body.wire',
      'framework.yaml',
      'streams/post-a-1.yaml',
      'tests/post-a-1.yaml',
    ])
    expect(await readFile(join(root, '.gitignore'), 'utf8')).toContain('secret.yaml')
    const { set, issues } = await readTestSet(written.directory)
    expect(issues).toEqual([])
    expect(set.secrets).toEqual(secrets)
    const sha256 = createHash('sha256').update(wire).digest('hex')
    expect(set.tests).toEqual([
      { ...test, request: { ...test.request, wireBody: { path: 'assets/post-a-1/body.wire', size: 4, sha256 } } },
    ])
    const reader = await openTestSet(written.directory)
    expect(reader.sidecar.other.get('bindings')).toEqual({ x: [1] })
    expect(reader.index).toEqual([
      {
        name: 'post-a-1',
        file: 'tests/post-a-1.yaml',
        timestamp: 1_784_279_453_000,
        responseTimestamp: 1_784_279_453_005,
      },
    ])
  })

  it('keeps large request bodies beside the test', async () => {
    const base = example('upload', 1)
    const bytes = new Uint8Array(1024 * 1024 + 1).fill(255)
    const { directory } = await writeTestSet(
      { name: 's', tests: [{ test: { ...base, request: { ...base.request, body: { type: 'binary', bytes } } } }] },
      { directory: root },
    )
    const [test] = (await readTestSet(directory)).set.tests
    expect(test!.request.bodyRef).toEqual({ path: 'assets/upload/body.txt', size: bytes.length })
    expect(Buffer.compare((await readRequestBody(directory, test!.request))!, bytes)).toBe(0)
    expect(await readRequestBody(directory, base.request)).toBeUndefined()
    expect(await readRequestBody(directory, { ...base.request, body: { type: 'text', text: 'é' } })).toHaveLength(2)
  })

  it('is in the order of requests, then responses, then numbers in names', async () => {
    const tests: NewTest[] = [
      example('t-10', 1000),
      example('t-9', 1000),
      example('b', 500),
      { ...example('t-1', 1000), response: { ...example('x', 0).response, timestamp: 900 } },
    ].map((test) => ({ test }))
    const { directory } = await writeTestSet({ name: 's', tests }, { directory: root })
    expect((await openTestSet(directory)).index.map((entry) => entry.name)).toEqual(['b', 't-1', 't-9', 't-10'])
  })

  it('is never overwritten unless told to, and grows', async () => {
    const first = {
      name: 's',
      tests: [
        {
          test: {
            ...example('a', 1),
            durationMs: 3,
            annotations: { tags: [], skip: false, only: false, withinMs: 500 },
          },
        },
      ],
      secrets: [{ number: 2, kind: 'k', firstSeen: 'f' }],
    }
    await writeTestSet(first, { directory: root })
    expect(await code(writeTestSet(first, { directory: root }))).toBe('KEPLOY_FORMAT_EXISTS')
    await writeTestSet(
      {
        ...first,
        tests: [{ test: { ...example('b', 2), durationMs: 4 } }],
        secrets: [{ number: 1, kind: 'k', firstSeen: 'g' }],
      },
      { directory: root },
    )
    const { set } = await readTestSet(join(root, 's'))
    expect(set.tests.map((test) => [test.name, test.durationMs])).toEqual([
      ['a', 3],
      ['b', 4],
    ])
    expect(set.tests.map((test) => test.annotations.withinMs)).toEqual([500, undefined])
    expect(set.secrets.map((secret) => secret.number)).toEqual([1, 2])
    await writeTestSet(first, { directory: root, overwrite: true })
    expect(
      await code(
        writeTestSet({ name: 't', tests: [{ test: example('a', 1) }, { test: example('a', 1) }] }, { directory: root }),
      ),
    ).toBe('KEPLOY_FORMAT_EXISTS')
  })

  it('has a name that is the name of one folder', async () => {
    for (const name of ['', '..', 'a/b', 'a\\b', '.x', 'x.', 'con', 'a\u0000', 'reports', 'x'.repeat(300)]) {
      expect(await code(writeTestSet({ name, tests: [] }, { directory: root }))).toBe('KEPLOY_FORMAT_SET_NAME')
    }
    expect(await code(writeTestSet({ name: 's', tests: [{ test: example('../x', 1) }] }, { directory: root }))).toBe(
      'KEPLOY_FORMAT_PATH',
    )
    const asset = { test: example('x', 1), assets: new Map([['assets/other/f', new Uint8Array()]]) }
    expect(await code(writeTestSet({ name: 's', tests: [asset] }, { directory: root }))).toBe('KEPLOY_FORMAT_PATH')
  })

  it('is not written through a link that leads elsewhere', async () => {
    await mkdir(join(root, 'keploy', 's'), { recursive: true })
    await mkdir(join(root, 'elsewhere'))
    await symlink(join(root, 'elsewhere'), join(root, 'keploy', 's', 'tests'))
    expect(
      await code(writeTestSet({ name: 's', tests: [{ test: example('a', 1) }] }, { directory: join(root, 'keploy') })),
    ).toBe('KEPLOY_FORMAT_PATH')
    expect(await readdir(join(root, 'elsewhere'))).toEqual([])
  })

  it('says what is wrong with its files and reads the others', async () => {
    const { directory } = await writeTestSet(
      { name: 's', tests: [{ test: example('a', 1) }, { test: example('b', 2) }] },
      { directory: root },
    )
    await writeFile(join(directory, 'tests', 'bad.yaml'), 'a: "')
    await writeFile(join(directory, 'tests', 'latin.yaml'), Buffer.from('a: 1\nb: \xe9\n', 'latin1'))
    await writeFile(join(directory, 'tests', 'notes.txt'), 'x')
    await link(join(directory, 'tests', 'a.yaml'), join(directory, 'tests', 'copy.yaml'))
    await mkdir(join(directory, 'tests', 'folder.yaml'))
    await writeFile(
      join(directory, 'config.yaml'),
      'preScript: pre\npostScript: ""\nappCommand: run\ntemplate: {token: x, id: 12}\nsecret: {a: b}\n',
    )
    await writeFile(join(directory, 'secret.yaml'), 'c: d\n')
    const { set, issues } = await readTestSet(directory)
    expect(set.tests.map((test) => test.name)).toEqual(['a', 'b'])
    expect(set.scripts).toEqual({ pre: 'pre', appCommand: 'run' })
    expect(set.templates).toEqual({ token: 'x', id: 12 })
    expect(issues.map((issue) => `${issue.code} ${issue.file} ${issue.line ?? '-'}`).sort()).toEqual([
      'KEPLOY_FORMAT_DUPLICATE_NAME tests/copy.yaml -',
      'KEPLOY_FORMAT_ENCODING tests/latin.yaml 2',
      'KEPLOY_FORMAT_YAML tests/bad.yaml 2',
    ])
    const reader = await openTestSet(directory)
    await rename(join(directory, 'tests', 'a.yaml'), join(directory, 'tests', 'a.gone'))
    const position = reader.index.findIndex((entry) => entry.name === 'a')
    expect((await reader.read(position)).issues).toMatchObject([{ code: 'KEPLOY_FORMAT_READ', file: 'tests/a.yaml' }])
    await expect(reader.read(99)).rejects.toThrow(RangeError)
    expect(await code(openTestSet(join(root, 'missing')))).toBe('KEPLOY_FORMAT_NOT_FOUND')
  })

  it('reports a conversation that is missing, malformed or outside of the set', async () => {
    const test: TestCase = {
      ...example('ws', 1),
      stream: { kind: 'websocket', items: [{ at: 1, from: 'client', data: { type: 'text', text: 'x' } }] },
    }
    const { directory } = await writeTestSet({ name: 's', tests: [{ test }] }, { directory: root })
    const issuesWith = async (content: string) => {
      await writeFile(join(directory, 'streams', 'ws.yaml'), content)
      return (await readTestSet(directory)).issues.map((issue) => issue.code)
    }
    expect(await issuesWith('version: x\n')).toEqual(['KEPLOY_FORMAT_STREAM'])
    expect(
      await issuesWith('version: keploy-framework.io/v1\nkind: WebSocketStream\nitems: [{from: nobody}]\n'),
    ).toEqual(['KEPLOY_FORMAT_STREAM'])
    expect(
      await issuesWith('version: keploy-framework.io/v1\nkind: WebSocketStream\nitems: [{from: client}]\n'),
    ).toEqual(['KEPLOY_FORMAT_STREAM'])
    expect(await issuesWith('a: "')).toEqual(['KEPLOY_FORMAT_YAML'])
    await rm(join(directory, 'streams'), { recursive: true })
    expect((await readTestSet(directory)).issues.map((issue) => issue.code)).toEqual(['KEPLOY_FORMAT_STREAM'])
    await writeFile(
      join(directory, 'framework.yaml'),
      'version: keploy-framework.io/v1\nkind: TestSetSidecar\ntests: {ws: {stream: ../../x.yaml}}\n',
    )
    expect((await readTestSet(directory)).issues.map((issue) => issue.code)).toEqual(['KEPLOY_FORMAT_PATH'])
  })
})

describe('listing sets', () => {
  it('finds sets in natural order, the flat layout, and nothing else', async () => {
    for (const set of ['test-set-10', 'test-set-2'])
      await writeTestSet({ name: set, tests: [{ test: example('a', 1) }] }, { directory: root })
    for (const folder of ['tests', 'reports/tests', 'schema/tests', 'empty', 'mocks', 'only/streams'])
      await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, 'tests', 'test-1.yaml'), '')
    await writeFile(join(root, 'reports', 'tests', 'a.yaml'), '')
    await writeFile(join(root, 'only', 'streams', 'a.yaml'), '')
    const outside = await mkdtemp(join(tmpdir(), 'format-outside-'))
    await mkdir(join(outside, 'tests'))
    await writeFile(join(outside, 'tests', 'a.yaml'), '')
    await symlink(outside, join(root, 'linked'))
    await symlink(join(root, 'nowhere'), join(root, 'dangling'))
    expect((await listTestSets(root)).map((set) => set.name)).toEqual(['default', 'only', 'test-set-2', 'test-set-10'])
    await rm(outside, { recursive: true })
    expect(await code(listTestSets(join(root, 'missing')))).toBe('KEPLOY_FORMAT_NOT_FOUND')
  })
})

describe('paths that a recording names', () => {
  it('stay inside of the set, links included', async () => {
    await mkdir(join(root, 'set', 'assets', 'a'), { recursive: true })
    await writeFile(join(root, 'set', 'assets', 'a', 'body.txt'), 'x')
    await writeFile(join(root, 'secret'), 'x')
    await symlink(join(root, 'secret'), join(root, 'set', 'assets', 'link'))
    await symlink(root, join(root, 'set', 'assets', 'up'))
    await symlink(join(root, 'not-there'), join(root, 'set', 'assets', 'dangling'))
    await symlink(join(root, 'set', 'assets', 'a'), join(root, 'set', 'inner'))
    const set = join(root, 'set')
    expect(await resolveInside(set, 'assets/a/body.txt')).toMatch(/assets\/a\/body\.txt$/)
    expect(await resolveInside(set, 'inner/body.txt')).toMatch(/assets\/a\/body\.txt$/)
    expect(await resolveInside(set, 'assets/new/file.txt')).toMatch(/assets\/new\/file\.txt$/)
    for (const path of [
      '',
      '../secret',
      'assets/../../secret',
      '/etc/passwd',
      'C:\\x',
      '..\\secret',
      'a\u0000',
      'assets/link',
      'assets/up/secret',
      'assets/dangling',
      'assets/dangling/x',
    ]) {
      expect(`${path} ${await code(resolveInside(set, path))}`).toBe(`${path} KEPLOY_FORMAT_PATH`)
    }
  })
})

describe('writing a file', () => {
  it('says which file could not be written and leaves nothing half', async () => {
    await mkdir(join(root, 'folder'))
    await expect(writeAtomically(join(root, 'folder'), 'x')).rejects.toMatchObject({
      code: 'KEPLOY_FORMAT_WRITE',
      message: expect.stringContaining(join(root, 'folder')) as string,
    })
    await writeFile(join(root, 'file'), 'x')
    await expect(writeAtomically(join(root, 'file', 'below'), 'x')).rejects.toMatchObject({
      code: 'KEPLOY_FORMAT_WRITE',
    })
    expect(await readdir(root)).toEqual(['file', 'folder'])
  })
})
