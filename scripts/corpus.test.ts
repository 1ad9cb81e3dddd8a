import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

// Each case starts a process; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corpus-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function corpus(root: string | undefined): { status: number | null; stdout: string; stderr: string; last: string } {
  const { KEPLOY_CORPUS: _, ...env } = process.env
  const result = spawnSync(
    process.execPath,
    ['--conditions=@keploy-framework/source', join(import.meta.dirname, 'corpus.ts')],
    {
      encoding: 'utf8',
      env: root === undefined ? env : { ...env, KEPLOY_CORPUS: root },
    },
  )
  return { ...result, last: result.stdout.trimEnd().split('\n').at(-1) ?? '' }
}

async function files(map: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(map)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

const v1 = 'version: api.keploy.io/v1beta1\n'
const test = `${v1}kind: Http\nname: a\nspec:\n    req:\n        method: GET\n        url: /a\n    resp:\n        status_code: 200\n        body: |\n            x\n`

describe('the corpus run', () => {
  it('says that there is nothing to check, and exits with 2', () => {
    expect(corpus(undefined)).toMatchObject({ status: 2, stderr: /KEPLOY_CORPUS names no folder/ })
    expect(corpus(join(folder, 'missing'))).toMatchObject({ status: 2, stderr: /can't be read/ })
  })

  it('counts documents by kind and passes on all dialects', async () => {
    await files({
      'a/keploy/test-set-0/tests/test-1.yaml': test,
      'a/keploy/test-set-0/tests/test-2.yaml': `\ufeff# c\r\n---\r\n${test.replaceAll('\n', '\r\n')}...\r\n`,
      'a/keploy/test-set-0/tests/test-3.json': JSON.stringify({
        version: 'api.keploy.io/v1beta2',
        kind: 'Http',
        spec: { req: { method: 'GET', url: '/' }, resp: { status_code: 1 } },
      }),
      'a/keploy/tests/flat.yaml':
        'version: api.keploy.io/v1beta2\nkind: Http\nname: f\nspec: {req: {method: GET, url: /}, resp: {status_code: 1}, noise: [id,\n  x]}\n',
      'a/keploy/test-set-0/mocks.yaml':
        `---\n${v1}kind: PostgresV3\nname: m\nspec: {rows: [[!pg/numeric {int: 1}, !!binary aGk=, 9007199254740993, 1.10]]}\n---\n# c\n${v1}kind: Mongo\nname: n\nspec: {a: >-\n    folded\n    text}\n`.replace(
          '{a: >-\n    folded\n    text}',
          '\n  a: >-\n    folded\n    text',
        ),
      'a/keploy/test-set-0/mocks.json':
        `${JSON.stringify({ version: 'api.keploy.io/v1beta1', kind: 'Http', name: 'x', spec: {} })}\n`.repeat(2),
      'a/keploy/test-set-0/mappings.yaml': `${v1}kind: TestMocksMapping\ntest_set_id: s\ntests: []\n`,
      'a/keploy/test-set-0/config.yaml': 'preScript: ""\ntemplate: {a: b}\n',
      'a/keploy/reports/test-run-0/test-set-0-report.yaml': `${v1}name: r\nstatus: PASSED\ntests: []\n`,
      'a/keploy/reports/test-run-0/coverage.yaml': 'file_coverage: {a.go: 1.50}\n',
      'a/keploy.yml': 'path: ""\ntest: {globalNoise: {global: {body: {\n  "a",\n  "b"\n}}}}\n',
      'a/.github/workflows/ci.yml': 'on: push\n',
    })
    const { status, stdout, last } = corpus(folder)
    expect(stdout).toMatch(/ 4 {2}test Http/)
    expect(stdout).toMatch(/ 2 {2}mock Http/)
    for (const kind of [
      'mock PostgresV3',
      'mock Mongo',
      'mappings',
      'set config',
      'report',
      'coverage',
      'keploy.yml',
    ]) {
      expect(stdout).toMatch(new RegExp(` 1 {2}${kind}`))
    }
    expect(stdout).toMatch(/ 1 {2}not Keploy's \(0 of/)
    expect(stdout).toMatch(/MB\/s/)
    expect(last).toBe('13 documents, 0 failed')
    expect(status).toBe(0)
  })

  it('shows that calls are the same when they are written anew, and says which documents hold none', async () => {
    const generic = `${v1}kind: Generic\nname: a\nspec:\n  genericrequests: [{origin: client, message: [{type: utf-8, data: hi}]}]\n  genericresponses: [{origin: server, message: [{type: utf-8, data: ho}]}]\n`
    const parse = `${v1}kind: Postgres\nname: b\nspec:\n  postgresrequests: [{header: [P], parse: [{name: s, query: select 1}]}]\n  postgresresponses: [{header: ["1", Z], ready_for_query: {txstatus: 73}}]\n`
    const bind = `${v1}kind: Postgres\nname: c\nspec:\n  postgresrequests: [{header: [B, E], bind: [{prepared_statement: s}], execute: [{}]}]\n  postgresresponses: [{header: ["2", C, Z], command_complete: [{command_tag_type: SELECT 0}], ready_for_query: {txstatus: 73}}]\n`
    const unread = `${v1}kind: Generic\nname: d\nspec: {objects: []}\n`
    await files({
      'keploy/t/mocks.yaml': [generic, parse, bind, unread].join('---\n'),
      'keploy/u/mocks.yaml': bind,
    })
    const { status, stdout, last } = corpus(folder)
    expect(stdout).toContain('Generic: 1 calls of 2 documents, 1 written again as they were\n')
    expect(stdout).toContain('Postgres: 1 calls of 3 documents, 1 hold no call, 0 written again as they were\n')
    expect(stdout).toContain('1  refused: bind names a statement whose SQL stands in no document before it\n')
    expect(stdout).toContain('1  refused: spec.objects is what an SDK of Keploy saw inside of the program')
    expect(last).toBe('5 documents, 0 failed')
    expect(status).toBe(0)
  })

  it('names file and line of what fails, and exits with 1', async () => {
    await files({
      'keploy/t/tests/a.yaml': `${v1}kind: Http\nname: a\nspec:\n  req: {method: GET, url: /}\n  resp: {}\n`,
      'keploy/t/tests/b.yaml': Buffer.from([97, 10, 255]),
      'keploy/t/mocks.yaml': `${v1}kind: Http\nname: m\n---\na: "\n`,
    })
    const { status, stdout, last } = corpus(folder)
    expect(stdout).toContain('keploy/t/tests/a.yaml:1: KEPLOY_FORMAT_VALUE')
    expect(stdout).toContain('keploy/t/tests/b.yaml:2: This file is not UTF-8 text.')
    expect(stdout).toMatch(/keploy\/t\/mocks\.yaml:\d: This is not valid YAML/)
    expect(last).toBe('4 documents, 3 failed')
    expect(status).toBe(1)
  })
})
