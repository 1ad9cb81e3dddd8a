import { readFile } from 'node:fs/promises'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { pageAssets } from '../../scripts/page-assets.ts'
import { HOSTILE, hostileRun } from '../testing/hostile.ts'
import { nineTests, runResult, testResult } from '../testing/sample-run.ts'
import { inOrderOf, jsonLines, parseJsonNode } from './json-lines.ts'
import { renderHtml } from './render-html.ts'
import { sideParts } from './side-rows.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 80 })

function pageData(html: string): { tests: { path: string; failures: { message: string }[] }[] } {
  const text = /<script type="application\/json" id="run-data">(.*?)<\/script>/s.exec(html)?.[1]
  return JSON.parse(text ?? '') as ReturnType<typeof pageData>
}

describe('the page', () => {
  it('holds the style and the script of the page folder as they are now (run `pnpm embed`)', async () => {
    const embedded = await readFile(new URL('templates/page-assets.ts', import.meta.url), 'utf8')
    expect(embedded).toBe(await pageAssets())
    expect(embedded).not.toMatch(/<\/script|<!--/)
  })

  it('says how the run went without its script', () => {
    const html = renderHtml(nineTests({ broken: true }), { target: 'http://127.0.0.1:8000', startedAt: 0 })
    expect(html).toContain('<strong>88.9 %</strong><span>8 of 9 tests passed')
    expect(html).toContain('http://127.0.0.1:8000 · 1970-01-01 00:00:00 UTC')
    expect(html).toContain('data-suite="Session Management"')
    expect(html).toContain('<code>91c2a7de-3b64-4f1c-8a25-6e2f9d40b7c3</code>')
  })

  it('says what became of the recorded calls, where there were any', () => {
    const html = renderHtml(runResult([testResult()], { mocks: { served: 1200, missed: 1, unused: 0 } }))
    expect(html).toContain('Mocks: 1,200 served, 1 missed, 0 unused')
    expect(renderHtml(runResult([testResult()]))).not.toContain('Mocks:')
  })

  it('says what language models were asked, where any was', () => {
    const llm = { calls: 2, inputTokens: 1500, outputTokens: 140, costUsd: 0.000309 }
    const html = renderHtml(runResult([testResult({ calls: { served: 2, missed: 0, llm } })]))
    expect(html).toContain('Language models: 2 calls, 1,500 tokens in, 140 out, 0.00031 USD')
    expect(renderHtml(runResult([testResult()]))).not.toContain('Language models')
  })

  it('names no address outside, and allows no script or style but its own', () => {
    const html = renderHtml(nineTests())
    expect(html).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:/)
    expect(html).not.toMatch(/(?:src|href)="(?!data:|#)/)
    expect(html).not.toMatch(/ (?:style|on\w+)=/)
  })

  it('has exactly its own two scripts and its own elements, whatever stands in the recordings', () => {
    const shape = (text: string) => {
      const notices = [{ level: 'error' as const, code: text, message: text }]
      const html = renderHtml(hostileRun([text]), { notices, target: text })
      const [head = ''] = html.split('<script type="application/json"')
      return { scripts: html.match(/<\/?script/gi), tags: head.match(/<\/?[a-z!][^\s>]*/gi) }
    }
    const plain = shape('plain')
    expect(plain.scripts).toHaveLength(4)
    for (const text of HOSTILE) expect(shape(text)).toEqual(plain)
    fc.assert(
      fc.property(anyText, (text) => {
        expect(shape(text)).toEqual(plain)
      }),
      { numRuns: 200 },
    )
  })

  it('carries any recorded text to its script as readable text', () => {
    const data = pageData(renderHtml(hostileRun()))
    expect(data.tests).toHaveLength(HOSTILE.length)
    expect(data.tests[0]?.path).toBe('<script>alert(1)</script>')
    expect(data.tests[8]?.failures[0]?.message).toBe('abc\\u{202e}gnp.exe')
  })

  it('lists the first bound values of a run and says how many there are', () => {
    const bound = Array.from({ length: 250 }, (_, i) => ({
      recorded: `r${i}`,
      live: `l${i}`,
      form: 'uuid',
      where: 'x',
    }))
    const html = renderHtml(runResult([testResult({ bound })]))
    expect(html).toContain('Bound values (250)')
    expect(html).toContain('and 50 more')
    expect(html).not.toContain('<code>r249</code>')
  })
})

describe('side by side', () => {
  const failed = (expected: string, actual: string, more: Parameters<typeof testResult>[0] = {}) =>
    testResult({
      status: 'failed',
      expected: { status: 200, headers: [], body: expected },
      actual: { status: 200, headers: [], body: actual },
      ...more,
    })
  const body = (test: ReturnType<typeof testResult>) => sideParts(test)?.find(({ title }) => title === 'Body')?.rows

  it('marks what fails, and apart from it what a rule or a binding allows', () => {
    const failures = [{ kind: 'body' as const, path: 'body.total', message: 'It differs.' }]
    const test = failed('{"id":"a","total":1,"x":null}', '{"x":null,"total":2,"id":"b"}', { failures })
    expect(body(test)).toEqual([
      ['same', '{'],
      ['allowed', '  "id": "a",', '  "id": "b",'],
      ['changed', '  "total": 1,', '  "total": 2,'],
      ['same', '  "x": null'],
      ['same', '}'],
    ])
  })

  it('takes what is below a failure as failing, unless a rule names it exactly', () => {
    const failures = [{ kind: 'body' as const, path: 'body.items', message: 'It differs.' }]
    const rules = [{ path: 'body.items[0].at', rule: 'form: epoch-s' }]
    const test = failed('{"items":[{"at":1,"n":1}]}', '{"items":[{"at":2,"n":2}]}', { failures, rules })
    expect(body(test)?.map(([kind]) => kind)).toEqual([
      'same',
      'same',
      'same',
      'allowed',
      'changed',
      'same',
      'same',
      'same',
    ])
  })

  it('shows fields and items that came or went', () => {
    const failures = [{ kind: 'body' as const, path: '', message: 'It differs.' }]
    expect(body(failed('{"a":1}', '{"a":1,"b":2}', { failures }))).toContainEqual(['added', '', '  "b": 2'])
    expect(body(failed('one\ntwo', 'two', { failures }))).toEqual([
      ['removed', 'one', ''],
      ['same', 'two'],
    ])
  })

  it('pairs headers by name', () => {
    const test = failed('', '', {
      failures: [{ kind: 'header', path: 'header.X-Rate', message: 'It differs.' }],
      expected: {
        status: 200,
        headers: [
          ['x-rate', '1'],
          ['Gone', 'a'],
          ['Via', 'x'],
        ],
        body: '',
      },
      actual: {
        status: 500,
        headers: [
          ['X-Rate', '2'],
          ['Via', 'x'],
        ],
        body: '',
      },
    })
    expect(sideParts(test)?.map(({ rows }) => rows)).toEqual([
      [['allowed', '200', '500']],
      [
        ['changed', 'x-rate: 1', 'x-rate: 2'],
        ['allowed', 'gone: a', ''],
        ['same', 'via: x'],
      ].toSorted((a, b) => String(a[1]).localeCompare(String(b[1]))),
    ])
  })

  it('cuts bodies of thousands of lines, and is left out when a side is unknown', () => {
    expect(body(failed('a\n'.repeat(3000), 'a\n'.repeat(3000)))?.at(-1)).toEqual(['same', '… 2001 more lines'])
    expect(sideParts(testResult())).toBeUndefined()
  })
})

describe('JSON in lines', () => {
  it('reads every document as JSON.parse does, and keeps the digits of its numbers', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2), (text, space) => {
        const source = JSON.stringify(JSON.parse(text), undefined, space)
        const node = parseJsonNode(source)
        const lines = node && jsonLines(node, 'body')
        expect(JSON.parse(lines?.map((line) => line.text).join('\n') ?? '')).toEqual(JSON.parse(text))
      }),
    )
    const big = parseJsonNode('{"n": 12345678901234567890.10 }')
    expect(big && jsonLines(big, 'body')[1]).toEqual({ text: '  "n": 12345678901234567890.10', path: 'body.n' })
  })

  it('takes neither what is not JSON nor what is too deep', () => {
    expect(parseJsonNode('{"a":')).toBeUndefined()
    expect(parseJsonNode('['.repeat(300) + ']'.repeat(300))).toBeUndefined()
  })

  it('orders keys as another document has them, and keeps `__proto__` as a key', () => {
    const node = parseJsonNode('{"c":3,"__proto__":{"y":1,"x":2},"a":1}')
    const model = parseJsonNode('{"a":0,"__proto__":{"x":0,"y":0}}')
    const lines = node && jsonLines(inOrderOf(node, model), 'body').map(({ path }) => path)
    expect(lines).toEqual([
      'body',
      'body.a',
      'body.__proto__',
      'body.__proto__.x',
      'body.__proto__.y',
      'body.__proto__',
      'body.c',
      'body',
    ])
  })
})
