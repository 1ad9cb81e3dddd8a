import { mkdir, symlink, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

import type { RunEvent, TestCase, TestResult, TestSet } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { planRun } from '../plan/plan-run.ts'
import { sourceOf } from '../plan/set-source.ts'
import { httpTest, testSet } from '../testing/http-test.ts'
import { listen, listenTcp, tempFolder } from '../testing/servers.ts'
import type { RunOptions } from './run-options.ts'
import { executePlan } from './run-plan.ts'

async function results(set: TestSet | TestCase[], options: RunOptions): Promise<readonly TestResult[]> {
  const whole = Array.isArray(set) ? testSet(set) : set
  const ignore = (_event: RunEvent): void => undefined
  const result = await executePlan(planRun([sourceOf(whole)]), options, ignore)
  return result.sets[0]?.tests ?? []
}

/** Reads the whole request, lets the test look at it, and answers. */
async function answered(
  request: IncomingMessage,
  response: ServerResponse,
  look: (body: Buffer) => unknown,
  answer = 'ok',
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  await look(Buffer.concat(chunks))
  response.end(answer)
}

/** Answers every request and keeps the bytes it got. */
async function rawServer(answer: string): Promise<Awaited<ReturnType<typeof listenTcp>> & { heard(): string }> {
  let heard = ''
  const server = await listenTcp((socket) =>
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
      socket.write(answer)
    }),
  )
  return Object.assign(server, { heard: () => heard })
}

describe('a request', () => {
  it('keeps names, order and repetition of its headers, and leaves out what belongs to a connection', async () => {
    await using api = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const headers: [string, string][] = [
      ['X-Zebra', '1'],
      ['accept', 'text/plain'],
      ['Host', 'recorded.example:9000'],
      ['Connection', 'keep-alive, X-Hop'],
      ['X-Hop', 'gone'],
      ['Expect', '100-continue'],
      ['Transfer-Encoding', 'chunked'],
      ['Content-Length', '999'],
      ['X-Twice', 'a'],
      ['X-Twice', 'b'],
      ['Origin', 'http://recorded.example:9000'],
      ['Referer', 'http://recorded.example:90001/page'],
      ['CONTENT-TYPE', 'text/plain'],
    ]
    const test = httpTest('a', { method: 'POST', url: 'http://recorded.example:9000/p', headers, body: 'hällo' })
    const before = httpTest('b', { url: 'http://recorded.example:9000/first' })
    const [, second] = await results([before, test], { url: api.url })
    expect(second?.failures).toEqual([])
    const text = api.heard().slice(api.heard().indexOf('POST'))
    const lines = text.split('\r\n').filter((line) => !/^connection:/i.test(line))
    expect(lines).toEqual([
      'POST /p HTTP/1.1',
      `host: 127.0.0.1:${api.port}`,
      'X-Zebra: 1',
      'accept: text/plain',
      'X-Twice: a',
      'X-Twice: b',
      `Origin: http://127.0.0.1:${api.port}`,
      'Referer: http://recorded.example:90001/page',
      'CONTENT-TYPE: text/plain',
      'content-length: 6',
      '',
      Buffer.from('hällo').toString('latin1'),
    ])
  })

  it('is sent under the base path of the target', async () => {
    const seen: string[] = []
    await using api = await listen((request, response) => {
      seen.push(request.url ?? '')
      response.end('ok')
    })
    await results([httpTest('a', { url: 'http://x/y?z' })], { url: `${api.url}/base/` })
    expect(seen).toEqual(['/base/y?z'])
  })

  it('encodes its body again as it was received', async () => {
    let got = ''
    await using api = await listen((request, response) => {
      void answered(request, response, (bytes) => {
        got = gunzipSync(bytes).toString()
      })
    })
    const test = httpTest('a', {
      method: 'PUT',
      headers: [['Content-Encoding', 'gzip']],
      body: 'compress me',
      request: { encoding: 'gzip' },
    })
    expect((await results([test], { url: api.url }))[0]?.failures).toEqual([])
    expect(got).toBe('compress me')
  })

  it('sends bodies that lie in files of the set, and original bytes where encoding again would differ', async () => {
    await using folder = await tempFolder()
    await mkdir(join(folder.path, 'assets'))
    await writeFile(join(folder.path, 'assets/body.txt'), 'large')
    const wire = gzipSync('text', { level: 1 })
    await writeFile(join(folder.path, 'assets/wire.bin'), wire)
    const got: string[] = []
    await using api = await listen((request, response) => {
      void answered(request, response, (bytes) => got.push(bytes.toString('hex')))
    })
    const bodyRef = { path: 'assets/body.txt', size: 5 }
    const wireBody = { path: 'assets/wire.bin', size: wire.length }
    const set = testSet(
      [
        httpTest('a', { method: 'POST', request: { bodyRef } }),
        httpTest('b', { method: 'POST', body: 'text', request: { wireBody, encoding: 'gzip' } }),
      ],
      { directory: folder.path },
    )
    expect((await results(set, { url: api.url })).flatMap((test) => test.failures)).toEqual([])
    expect(got).toEqual([Buffer.from('large').toString('hex'), wire.toString('hex')])
  })

  it('reads no file outside of its set', async () => {
    await using folder = await tempFolder()
    await using api = await listen((_request, response) => response.end('ok'))
    await symlink('/etc/hostname', join(folder.path, 'link'))
    for (const path of ['../../etc/hostname', '/etc/hostname', 'link']) {
      const test = httpTest('a', { method: 'POST', request: { bodyRef: { path, size: 1 } } })
      const [result] = await results(testSet([test], { directory: folder.path }), { url: api.url })
      expect(result?.failures[0]?.kind).toBe('invalid-test')
    }
  })

  it('builds a multipart form again, with its files', async () => {
    await using folder = await tempFolder()
    await mkdir(join(folder.path, 'assets'))
    await writeFile(join(folder.path, 'assets/photo.bin'), Buffer.from([0, 255, 13, 10]))
    let form: FormData | undefined
    await using api = await listen((request, response) => {
      void answered(request, response, async (bytes) => {
        const headers = { 'content-type': request.headers['content-type'] ?? '' }
        form = await new Response(new Uint8Array(bytes), { headers }).formData()
      })
    })
    const test = httpTest('a', {
      method: 'POST',
      headers: [['Content-Type', 'multipart/form-data']],
      request: {
        form: [
          { key: 'title', values: ['one', 'two'], paths: [] },
          { key: 'file', values: [], paths: ['assets/photo.bin'] },
        ],
      },
    })
    const [result] = await results(testSet([test], { directory: folder.path }), { url: api.url })
    expect(result?.failures).toEqual([])
    expect(form?.getAll('title')).toEqual(['one', 'two'])
    const file = form?.get('file') as File
    expect(file.name).toBe('photo.bin')
    expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([0, 255, 13, 10])
  })

  it('can be a HEAD, and may get interim responses', async () => {
    await using head = await rawServer('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n')
    const test = httpTest('a', {
      method: 'HEAD',
      responseBody: { type: 'empty' },
      responseHeaders: [['Content-Length', '500']],
    })
    expect((await results([test, { ...test, name: 'b' }], { url: head.url })).map(({ status }) => status)).toEqual([
      'passed',
      'passed',
    ])
    await using hints = await rawServer(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    )
    expect((await results([httpTest('a')], { url: hints.url }))[0]?.failures).toEqual([])
  })

  it('undoes the content encoding of the response, within limits', async () => {
    const bytes = gzipSync('x'.repeat(1_000_000))
    await using api = await listen((request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' })
      response.end(request.url === '/bomb' ? bytes : gzipSync('ok'))
    })
    const responseHeaders: [string, string][] = [['Content-Encoding', 'gzip']]
    const tests = [httpTest('a', { responseHeaders }), httpTest('b', { url: '/bomb', responseHeaders })]
    const [good, bomb] = await results(tests, { url: api.url, bodyLimit: 100_000 })
    expect(good?.failures).toEqual([])
    expect(bomb?.failures[0]?.message).toContain('after decoding gzip')
  })
})

describe('values that a recording does not hold', () => {
  it('are filled into templates, from the set and from secrets', async () => {
    const seen: string[] = []
    await using api = await listen((request, response) => {
      const heard = (bytes: Buffer): number =>
        seen.push(`${request.url} ${request.headers.authorization} ${bytes.toString()}`)
      void answered(request, response, heard, '42')
    })
    const test = httpTest('a', {
      method: 'POST',
      url: 'http://x/users/%7B%7Bint%20.id%7D%7D',
      headers: [['Authorization', 'Bearer {{string .secret.TOKEN}}']],
      body: '{"id":{{int .id}},"name":"{{ .name }}"}',
      responseBody: '{{ .id }}',
    })
    const set = testSet([test], { templates: { id: '42', name: 'Ada' } })
    const [result] = await results(set, { url: api.url, env: { KEPLOY_SECRET_TOKEN: 'abc' } })
    expect(result?.failures).toEqual([])
    expect(seen).toEqual(['/users/42 Bearer abc {"id":42,"name":"Ada"}'])
  })

  it('block a test when they are missing, and nothing is sent', async () => {
    let asked = 0
    await using api = await listen((_request, response) => {
      asked += 1
      response.end('ok')
    })
    const tests = [
      httpTest('a', { headers: [['Authorization', 'Bearer {{secret.3}}']] }),
      httpTest('b', { url: '/{{ .nowhere }}' }),
      httpTest('c', { headers: [['X-Key', '{{string .secret.KEY}}']] }),
    ]
    const set = testSet(tests, { templates: { somewhere: 'else' } })
    const [a, b, c] = await results(set, { url: api.url, env: {} })
    expect([a?.status, b?.status, c?.status]).toEqual(['blocked', 'blocked', 'blocked'])
    expect(a?.failures[0]?.message).toContain('KEPLOY_SECRET_TEST_SET_0_3 or KEPLOY_SECRET_3')
    expect(b?.failures[0]?.message).toContain('`nowhere`')
    expect(c?.failures[0]?.message).toContain('KEPLOY_SECRET_KEY')
    expect(asked).toBe(0)
  })

  it('are no templates where the set has none: braces that were recorded are sent as they are', async () => {
    const seen: string[] = []
    await using api = await listen((request, response) => {
      void answered(request, response, (bytes) => seen.push(bytes.toString()), 'ok')
    })
    const page = httpTest('a', { method: 'POST', body: '<p>{{ .Title }}</p>' })
    const [result] = await results([page], { url: api.url, env: {} })
    expect(result?.status).toBe('passed')
    expect(seen).toEqual(['<p>{{ .Title }}</p>'])
  })

  it('come from the variable of the set before the general one', async () => {
    const seen: string[] = []
    await using api = await listen((request, response) => {
      seen.push(request.headers.authorization ?? '')
      response.end('ok')
    })
    const headers: [string, string][] = [['Authorization', 'Bearer {{secret.1}}']]
    const env = { KEPLOY_SECRET_1: 'general-value', KEPLOY_SECRET_TEST_SET_0_1: 'own-value' }
    await results([httpTest('a', { headers })], { url: api.url, env })
    expect(seen).toEqual(['Bearer own-value'])
  })
})
