import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { editDocument } from '../edit/edit-document.ts'
import { formatSidecar } from './format-sidecar.ts'
import { parseSidecar, readSidecar, writeSidecar } from './read-sidecar.ts'
import { emptySidecar } from './sidecar.ts'

const fixture = await readFile(join(import.meta.dirname, '../../test/fixtures/framework-v1.yaml'), 'utf8')

describe('the sidecar of a set', () => {
  it('reads a file of version 1, as it was written when that version was new', () => {
    const { sidecar, issues } = parseSidecar(fixture)
    expect(issues).toEqual([])
    expect(sidecar!.tests.get('post-sessions-1')).toEqual({
      suite: 'Sessions',
      description: 'makes a session',
      tags: ['slow'],
      skip: true,
      only: true,
      durationMs: 12.5,
      requestHeaders: { Accept: ['text/html', 'application/json, text/plain'] },
      responseHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      requestEncoding: 'gzip',
      requestWire: { path: 'assets/post-sessions-1/body.wire', size: 4, sha256: 'abcd' },
      requestOmitted: { size: 7, sha256: 'ef01' },
      responseOmitted: { size: 9, sha256: '2345' },
      stream: 'streams/post-sessions-1.yaml',
      other: new Map([['bindings', { 'body.id': 'never' }]]),
    })
    expect(sidecar!.other).toEqual(new Map([['arrayOrder', { 'body.items': 'any' }]]))
    expect(sidecar!.secrets).toEqual([
      {
        number: 1,
        kind: 'jwt',
        firstSeen: 'request header Authorization of post-sessions-1',
        jwt: { header: { alg: 'HS256' }, claims: { iat: 1_784_279_453 } },
      },
    ])
  })

  it('writes back what it read, keys that it does not know included', () => {
    const { sidecar } = parseSidecar(fixture)
    expect(formatSidecar(sidecar!)).toBe(fixture.replace(' # by hand', ''))
  })

  it('is edited one line at a time', () => {
    const edited = editDocument(fixture, ['tests', 'post-sessions-1', 'skip'], false)
    expect(edited).toBe(fixture.replace('skip: true', 'skip: false'))
    const added = editDocument(fixture, ['tests', 'get-1', 'tags'], ['a'])
    expect(added).toBe(fixture.replace('secrets:\n', '  get-1:\n    tags:\n      - a\nsecrets:\n'))
  })

  it('may be missing, and says when it is of no version that is known', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'format-sidecar-'))
    try {
      expect(await readSidecar(folder)).toEqual({ issues: [] })
      await writeSidecar(folder, emptySidecar())
      expect(await readSidecar(folder)).toEqual({ sidecar: emptySidecar(), issues: [] })
      await writeFile(join(folder, 'framework.yaml'), Buffer.from([255]))
      expect((await readSidecar(folder)).issues).toMatchObject([{ code: 'KEPLOY_FORMAT_ENCODING' }])
      await rm(join(folder, 'framework.yaml'))
      await mkdir(join(folder, 'framework.yaml'))
      expect((await readSidecar(folder)).issues).toMatchObject([{ code: 'KEPLOY_FORMAT_READ' }])
    } finally {
      await rm(folder, { recursive: true })
    }
    expect(parseSidecar('version: keploy-framework.io/v9\nkind: TestSetSidecar\n').issues).toMatchObject([
      { code: 'KEPLOY_FORMAT_SIDECAR', line: 1 },
    ])
    expect(parseSidecar('a: "').issues).toMatchObject([{ code: 'KEPLOY_FORMAT_YAML' }])
    expect(parseSidecar('').issues).toEqual([])
  })
})
