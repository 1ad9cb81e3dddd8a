import { describe, expect, it } from 'vitest'

import { parseDocuments } from './document.ts'

describe('documents of a file', () => {
  it('know their kind, version, name and line', () => {
    const { documents, issues } = parseDocuments('# x\n---\nversion: v\nkind: Http\nname: a\n---\nkind: [\n', {
      file: 'm.yaml',
    })
    expect(documents.map(({ kind, version, name, line }) => ({ kind, version, name, line }))).toEqual([
      { kind: 'Http', version: 'v', name: 'a', line: 2 },
      { kind: undefined, version: undefined, name: undefined, line: 6 },
    ])
    expect(issues).toMatchObject([{ code: 'KEPLOY_FORMAT_YAML', file: 'm.yaml', line: 8 }])
    expect(documents[1]!.model).toBeNull()
  })

  it('are edited one by one without touching their neighbours', () => {
    const text = '\ufeffname: a # 1\r\n---\r\nname: b # 2\r\n---\r\nname: c # 3\r\n'
    const { documents } = parseDocuments(text)
    documents[1]!.setScalar(['name'], 'changed')
    expect(documents.map(String).join('')).toBe(text.replace('name: b', 'name: changed'))
    expect(documents[1]!.name).toBe('changed')
  })

  it('stand one on each line in JSON files of mocks, and alone in others', () => {
    const lines = '{"kind":"Http","name":"a"}\n\n{"kind":"Http","name":"b"}\n'
    const { documents } = parseDocuments(lines, { file: 'mocks.json' })
    expect(documents.map(({ name, line }) => [name, line])).toEqual([
      ['a', 1],
      ['b', 3],
    ])
    documents[1]!.setScalar(['name'], 'c')
    expect(documents.map(String).join('')).toBe(lines.replace('"b"', '"c"'))
    expect(parseDocuments('{\n "name": "x"\n}\n', { file: 't.json' }).documents[0]!.name).toBe('x')
    expect(parseDocuments(' \n', { file: 't.json' }).documents).toEqual([])
    expect(parseDocuments('{', { file: 't.json' }).issues).toMatchObject([{ code: 'KEPLOY_FORMAT_JSON' }])
  })
})
