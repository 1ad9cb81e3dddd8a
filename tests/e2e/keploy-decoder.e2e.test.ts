/**
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: files that Keploy reads as we meant them
 * Impact: a broken release is stopped, a good one is not
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type TestCase, writeTestSet } from '../../packages/format/src/index.ts'

const run = promisify(execFile)

/** Why the decoder can't be built here; `undefined` when it was. */
let missing: string | undefined
let folder = ''
let program = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keploy-decoder-'))
  program = join(folder, 'keploy-decoder')
  try {
    await run('go', ['version'])
  } catch {
    missing = "Go is not installed: install Go 1.26 to check our files with Keploy's own decoder"
    return
  }
  try {
    await run('go', ['build', '-o', program, '.'], { cwd: join(import.meta.dirname, '..', 'keploy-decoder') })
  } catch (error) {
    const { stderr } = error as { stderr: string }
    if (!/dial tcp|no such host|connection refused|Forbidden|timeout|proxy/i.test(stderr)) throw error
    missing = `Keploy's decoder can't be fetched from the Go proxy: ${stderr.trim().split('\n').at(-1)}`
  }
}, 600_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

interface Decoded {
  name: string
  method: string
  url: string
  urlParams?: Record<string, string>
  requestHeaders: Record<string, string>
  requestBody: string
  bodyRef?: string
  requestTime?: string
  status: number
  statusMessage?: string
  responseHeaders: Record<string, string>
  responseBody: string
  events?: { at: string; data: Record<string, string> }[]
  noise?: Record<string, string[]>
  created: number
  appPort?: number
  curl?: string
}

async function decode(how: 'keploy' | 'current', tests: readonly TestCase[], curl?: string): Promise<Decoded[]> {
  const directory = await mkdtemp(join(folder, 'keploy-'))
  const set = await writeTestSet(
    { name: 'test-set-0', tests: tests.map((test) => (curl === undefined ? { test } : { test, curl })) },
    { directory },
  )
  const { stdout } = await run(program, [how, join(set.directory, 'tests')], { maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout) as Decoded[]
}

function example(name: string, requestBody: string | Uint8Array, responseBody: string | Uint8Array): TestCase {
  const body = (value: string | Uint8Array): TestCase['request']['body'] => {
    if (value.length === 0) return { type: 'empty' }
    return typeof value === 'string' ? { type: 'text', text: value } : { type: 'binary', bytes: value }
  }
  return {
    name,
    kind: 'Http',
    file: '',
    request: {
      method: 'POST',
      url: 'http://localhost:8000/api/v1/sessions?limit=10&q=a%20b&q=c',
      protoMajor: 1,
      protoMinor: 1,
      headers: [
        ['Accept', '*/*'],
        ['Content-Length', '33'],
        ['X-Version', '1.10'],
        ['X-Yes', 'yes'],
        ['X-Null', 'null'],
        ['X-Odd', ' # "not" a: comment'],
        ['X-Empty', ''],
        ['X-Twice', 'a'],
        ['X-Twice', 'b'],
      ],
      body: body(requestBody),
      timestamp: 1_784_279_453_449.166,
    },
    response: {
      status: 201,
      statusMessage: 'Created',
      headers: [
        ['Content-Type', 'application/json; charset=utf-8'],
        ['Date', 'Fri, 17 Jul 2026 09:10:53 GMT'],
        ['ETag', '"x"'],
        ['X-Time', '2026-07-17T09:10:53Z'],
      ],
      body: body(responseBody),
      timestamp: 1_784_279_453_456.735,
    },
    assertions: { noise: new Map() },
    annotations: { tags: [], skip: false, only: false },
    created: 1_784_279_453,
    appPort: 8000,
  }
}

const bodies: Record<string, string | Uint8Array> = {
  empty: '',
  json: '{"url":"https://example.com/one","n":9007199254740993}',
  'json-lines': '{\n  "a": [\n\t1\n  ]\n}',
  'one-newline': 'text\n',
  'two-newlines': 'text\n\n',
  'only-newlines': '\n\n',
  'leading-newline': '\n<!doctype html>\n<p>x</p>\n',
  'leading-space': '  indented\nless\n',
  'leading-tab': '\ttab\nx\n',
  'trailing-space': 'a \nb\t\n',
  carriage: 'a\r\nb\r\n',
  number: '33',
  float: '1.10',
  octal: '007',
  boolean: 'true',
  yes: 'yes',
  'null-word': 'null',
  tilde: '~',
  date: '2026-01-02',
  sexagesimal: '1:30',
  merge: '<<',
  dash: '- a',
  question: '? a',
  colon: ': a',
  comment: '# a',
  'inner-comment': 'a #b',
  document: '---\na: 1\n...\n',
  anchor: '&a',
  alias: '*a',
  tag: '!x',
  percent: '%a',
  at: '@a',
  backtick: '`a`',
  quotes: `it's "quoted" \\ back`,
  'quotes-lines': `it's\n"quoted"\\n\n`,
  unicode: 'žluťoučký 日本語 🎉 \u00a0 \u200b',
  separators: 'a\u2028b\u2029c\u0085d\ufeffe',
  control: 'a\u0000b\u0007c\u001bd\u007f',
  binary: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 255, 254]),
  'binary-long': Uint8Array.from({ length: 5000 }, (_, index) => index % 256),
  'long-line': 'x'.repeat(100_000),
  'large-text': 'line of text\n'.repeat(20_000),
  template: '{{ .token }}',
  placeholder: '{"token":"{{secret.1}}"}',
}

const all = Object.entries(bodies).map(([name, body]) => example(name, body, body))

function expected(test: TestCase): Decoded {
  const raw = bodies[test.name]!
  const encoded = Buffer.from(raw).toString('base64')
  return {
    name: test.name,
    method: 'POST',
    url: test.request.url,
    urlParams: { limit: '10', q: 'a b,c' },
    requestHeaders: {
      Accept: '*/*',
      'Content-Length': '33',
      'X-Version': '1.10',
      'X-Yes': 'yes',
      'X-Null': 'null',
      'X-Odd': ' # "not" a: comment',
      'X-Empty': '',
      'X-Twice': 'a,b',
    },
    requestBody: encoded,
    status: 201,
    responseHeaders: Object.fromEntries(test.response.headers),
    responseBody: encoded,
    created: 1_784_279_453,
  }
}

function byName<T extends { name: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A missing decoder is named in the output, and fails where everything is required. */
function available(context: { skip: (note?: string) => void }): boolean {
  if (missing === undefined) return true
  if (process.env['KEPLOY_REQUIRE_SERVICES'] === 'all') throw new Error(missing)
  context.skip(missing)
  return false
}

describe('Keploy reads the sets that we write', () => {
  it('understands every field of every body, with its own decoder', async (context) => {
    if (!available(context)) return
    const decoded = await decode('keploy', all)
    expect(byName(decoded)).toEqual(byName(all.map(expected)))
  })

  it('understands every field of every body, with its present fields', async (context) => {
    if (!available(context)) return
    const curl = "curl --request POST \\\n  --url 'http://localhost:8000/'"
    const decoded = await decode('current', all, curl)
    const fields = { statusMessage: 'Created', appPort: 8000, curl, requestTime: '2026-07-17T09:10:53.449166Z' }
    expect(byName(decoded)).toEqual(byName(all.map((test) => ({ ...expected(test), ...fields }))))
  })

  it('understands noise, streams and bodies that lie beside', async (context) => {
    if (!available(context)) return
    const base = example('base', '', '')
    const big = 'x'.repeat(1024 * 1024 + 1)
    const decoded = await decode('current', [
      {
        ...base,
        name: 'stream',
        response: {
          ...base.response,
          body: {
            type: 'stream',
            kind: 'sse',
            items: [
              { at: 1_784_279_453_500, from: 'server', data: { type: 'sse', event: 'tick', data: '{"a":1}', id: '7' } },
              { at: 1_784_279_453_600.25, from: 'server', data: { type: 'sse', data: 'two\nlines' } },
            ],
          },
        },
      },
      {
        ...base,
        name: 'noise',
        assertions: {
          noise: new Map([
            ['header.Date', []],
            ['body.token', ['^ey[A-Za-z0-9_-]+$', '\\d: "x"']],
          ]),
        },
      },
      { ...base, name: 'upload', request: { ...base.request, body: { type: 'text', text: big } } },
    ])
    const [noise, stream, upload] = byName(decoded)
    expect(noise!.noise).toEqual({ 'header.Date': [], 'body.token': ['^ey[A-Za-z0-9_-]+$', '\\d: "x"'] })
    expect(stream!.events).toEqual([
      { at: '2026-07-17T09:10:53.5Z', data: { event: 'tick', data: '{"a":1}', id: '7' } },
      { at: '2026-07-17T09:10:53.60025Z', data: { data: 'two\nlines' } },
    ])
    expect(upload!.requestBody).toBe('')
    expect(upload!.bodyRef).toBe('assets/upload/body.txt')
  })
})
