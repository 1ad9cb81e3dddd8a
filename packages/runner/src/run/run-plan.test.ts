import type { RunEvent, RunResult, TestCase, TestSet } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { exitCodeOf } from '../exit-code.ts'
import { planRun } from '../plan/plan-run.ts'
import { sourceOf } from '../plan/set-source.ts'
import { httpTest, testSet } from '../testing/http-test.ts'
import { freePort, listen, listenTcp, nodeCommand, tempFolder } from '../testing/servers.ts'
import type { RunOptions } from './run-options.ts'
import { executePlan, runPlan } from './run-plan.ts'

interface Ran {
  readonly result: RunResult
  readonly events: RunEvent[]
  readonly codes: string[]
}

async function replay(sets: readonly TestSet[] | readonly TestCase[], options: RunOptions): Promise<Ran> {
  const list = sets.map((one) => ('tests' in one ? one : undefined)).filter((one) => one !== undefined)
  const whole = list.length > 0 ? list : [testSet(sets as readonly TestCase[])]
  const events: RunEvent[] = []
  const result = await executePlan(planRun(whole.map(sourceOf)), options, (event) => events.push(event))
  const codes = events.flatMap((event) => (event.type === 'notice' ? event.code : []))
  return { result, events, codes }
}

const statuses = ({ result }: Ran): string[] => result.sets.flatMap((set) => set.tests.map((test) => test.status))
const kinds = ({ result }: Ran): string[] =>
  result.sets.flatMap((set) => set.tests.flatMap((test) => test.failures.map((failure) => failure.kind)))

describe('a run', () => {
  it('sends each test to the live target in order, and passes when the responses are as recorded', async () => {
    const seen: string[] = []
    await using api = await listen((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`)
      response.end('ok')
    })
    const ran = await replay(
      [
        httpTest('first', { url: 'http://recorded.example:1234/a?b=1#top' }),
        httpTest('second', { url: 'https://user:pw@elsewhere.example/c', method: 'DELETE' }),
      ],
      { url: api.url },
    )
    expect(ran.result.status).toBe('passed')
    expect(exitCodeOf(ran.result)).toBe(0)
    expect(seen).toEqual([`GET /a?b=1 127.0.0.1:${api.port}`, `DELETE /c 127.0.0.1:${api.port}`])
    expect(ran.events.map((event) => event.type)).toEqual([
      'run-started',
      'set-started',
      'step',
      'step',
      'test-started',
      'test-finished',
      'test-started',
      'test-finished',
      'set-finished',
      'step',
      'run-finished',
    ])
  })

  it('fails a test whose response differs, and shows both sides', async () => {
    await using api = await listen((_request, response) => {
      response.statusCode = 500
      response.end('broken')
    })
    const ran = await replay([httpTest('first')], { url: api.url })
    expect(statuses(ran)).toEqual(['failed'])
    expect(exitCodeOf(ran.result)).toBe(1)
    const [test] = ran.result.sets[0]?.tests ?? []
    expect(test?.failures[0]).toMatchObject({ kind: 'status', expected: 200, actual: 500 })
    expect(test?.expected).toMatchObject({ status: 200, body: 'ok' })
    expect(test?.actual).toMatchObject({ status: 500, body: 'broken' })
    expect(test?.curl).toContain(`--url ${api.url}/`)
  })

  it('does not follow redirects', async () => {
    const seen: string[] = []
    await using api = await listen((request, response) => {
      seen.push(request.url ?? '')
      response.writeHead(302, { Location: '/elsewhere' }).end()
    })
    const location: [string, string][] = [['Location', '/elsewhere']]
    const ran = await replay(
      [httpTest('first', { status: 302, responseHeaders: location, responseBody: { type: 'empty' } })],
      { url: api.url },
    )
    expect(seen).toEqual(['/'])
    expect(statuses(ran)).toEqual(['passed'])
  })

  it('tells a refused connection, a time-out, a reset and a cut response apart', async () => {
    const closed = await freePort()
    expect(kinds(await replay([httpTest('a')], { url: `http://127.0.0.1:${closed}` }))).toEqual(['refused'])

    await using mute = await listen(() => undefined)
    expect(kinds(await replay([httpTest('a')], { url: mute.url, testTimeoutMs: 50 }))).toEqual(['timeout'])

    await using slow = await listen((_request, response) => {
      response.write('begin')
    })
    const late = await replay([httpTest('a')], { url: slow.url, testTimeoutMs: 100 })
    expect(late.result.sets[0]?.tests[0]?.failures[0]?.message).toContain('answered, but had not finished')

    await using rude = await listenTcp((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const reset = await replay([httpTest('a', { method: 'POST', body: 'x' })], { url: rude.url })
    expect(reset.result.sets[0]?.tests[0]?.failures[0]).toMatchObject({ kind: 'connection' })
    expect(reset.result.sets[0]?.tests[0]?.failures[0]?.message).toContain('without an answer')

    await using cut = await listenTcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort')),
    )
    const middle = await replay([httpTest('a')], { url: cut.url })
    expect(middle.result.sets[0]?.tests[0]?.failures[0]?.message).toContain('in the middle of its response')
  })

  it('sends a request again whose kept connection was closed under it, but only what may be repeated', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
    const oneEach = (): Promise<Awaited<ReturnType<typeof listenTcp>>> =>
      listenTcp((socket) => {
        let count = 0
        socket.on('data', () => {
          count += 1
          if (count === 1) socket.write(answer)
          else socket.destroy()
        })
      })
    await using repeatable = await oneEach()
    expect(statuses(await replay([httpTest('a'), httpTest('b')], { url: repeatable.url }))).toEqual([
      'passed',
      'passed',
    ])
    await using once = await oneEach()
    const post = { method: 'POST', body: 'x' }
    expect(statuses(await replay([httpTest('a', post), httpTest('b', post)], { url: once.url }))).toEqual([
      'passed',
      'failed',
    ])
  })

  it('fails a test whose response is larger than the limit, without keeping it', async () => {
    await using api = await listen((_request, response) => response.end('x'.repeat(100_000)))
    const ran = await replay([httpTest('a')], { url: api.url, bodyLimit: 1_000 })
    expect(ran.result.sets[0]?.tests[0]?.failures[0]).toMatchObject({ kind: 'body', path: 'body' })
  })

  it('reports a request that cannot be sent as an invalid test', async () => {
    await using api = await listen((_request, response) => response.end('ok'))
    const ran = await replay(
      [
        httpTest('header', { headers: [['X-Bad', 'a\nb']] }),
        httpTest('method', { method: 'BAD METHOD' }),
        httpTest('path', { url: 'http://localhost/a b' }),
        httpTest('body', { method: 'POST', request: { body: { type: 'omitted', size: 9 } } }),
        { ...httpTest('grpc'), kind: 'gRPC' },
        httpTest('good'),
      ],
      { url: api.url },
    )
    expect(kinds(ran)).toEqual(Array.from({ length: 5 }, () => 'invalid-test'))
    expect(statuses(ran).at(-1)).toBe('passed')
  })

  it('lets a retried test pass as flaky, and fails one that stays broken', async () => {
    let asked = 0
    await using api = await listen((request, response) => {
      if (request.url === '/flaky') asked += 1
      response.statusCode = request.url === '/broken' || (request.url === '/flaky' && asked < 3) ? 500 : 200
      response.end('ok')
    })
    const tests = [httpTest('flaky', { url: '/flaky' }), httpTest('broken', { url: '/broken' })]
    const ran = await replay(tests, { url: api.url, retries: 2 })
    expect(statuses(ran)).toEqual(['flaky', 'failed'])
    expect(ran.result.sets[0]?.tests.map((test) => test.attempts)).toEqual([3, 3])
    expect(ran.result.summary).toMatchObject({ flaky: 1, failed: 1, passRate: 0.5 })
  })

  it('sends a reading test again until its answer has come, where its set says how long that may take', async () => {
    const asked = new Map<string, number>()
    await using api = await listen((request, response) => {
      const url = request.url ?? ''
      const times = (asked.get(url) ?? 0) + 1
      asked.set(url, times)
      response.statusCode = url !== '/never' && times > 2 ? 200 : 404
      response.end('ok')
    })
    const within = { tags: [], skip: false, only: false, withinMs: 1000 }
    const tests = [
      httpTest('late', { url: '/late', annotations: { ...within, withinMs: 30_000 } }),
      httpTest('never', { url: '/never', annotations: within }),
      httpTest('write', { url: '/write', method: 'POST', annotations: within }),
      httpTest('once', { url: '/once' }),
    ]
    const ran = await replay(tests, { url: api.url })
    expect(statuses(ran)).toEqual(['passed', 'failed', 'failed', 'failed'])
    expect(asked.get('/late')).toBe(3)
    expect(asked.get('/never')).toBeGreaterThan(1)
    expect([asked.get('/write'), asked.get('/once')]).toEqual([1, 1])
    expect(ran.result.sets[0]?.tests.map((test) => test.attempts)).toEqual([1, 1, 1, 1])
  })

  it('stops after the first failure when told to, and reports the rest as skipped', async () => {
    let asked = 0
    await using api = await listen((_request, response) => {
      asked += 1
      response.statusCode = 500
      response.end('ok')
    })
    const ran = await replay([httpTest('a'), httpTest('b'), httpTest('c')], { url: api.url, failFast: true })
    expect(asked).toBe(1)
    expect(statuses(ran)).toEqual(['failed', 'skipped', 'skipped'])
  })

  it('accepts a lower pass rate when it is asked for', async () => {
    await using api = await listen((request, response) => {
      response.statusCode = request.url === '/bad' ? 500 : 200
      response.end('ok')
    })
    const tests = [httpTest('a'), httpTest('b'), httpTest('c'), httpTest('d', { url: '/bad' })]
    expect((await replay(tests, { url: api.url, minPassRate: 0.75 })).result.status).toBe('passed')
    expect((await replay(tests, { url: api.url, minPassRate: 0.8 })).result.status).toBe('failed')
  })

  it('is not green when nothing ran', async () => {
    const none = await replay([], { url: 'http://127.0.0.1:1' })
    expect(none.result.status).toBe('failed')
    expect(exitCodeOf(none.result)).toBe(4)
    const skipped = await replay([httpTest('a', { annotations: { skip: true } })], { url: 'http://127.0.0.1:1' })
    expect(statuses(skipped)).toEqual(['skipped'])
    expect(exitCodeOf(skipped.result)).toBe(4)
  })

  it('ends as timed-out when the whole run takes too long', async () => {
    await using api = await listen(() => undefined)
    const ran = await replay([httpTest('a'), httpTest('b')], { url: api.url, runTimeoutMs: 100 })
    expect(ran.result.status).toBe('timed-out')
    expect(statuses(ran)).toEqual(['skipped', 'skipped'])
  })
})

describe('a run with a service', () => {
  const service = (port: number): string[] =>
    nodeCommand(
      `require('http').createServer((q,s)=>{if(q.url==='/die'){console.log('out of luck');process.exit(9)}s.end('ok')}).listen(${port},'127.0.0.1')`,
    )

  it('starts it, tests it and stops it, afresh for every set', async () => {
    const port = await freePort()
    const sets = [testSet([httpTest('a')]), testSet([httpTest('a')], { name: 'test-set-1' })]
    const ran = await replay(sets, { url: `http://127.0.0.1:${port}`, service: { command: service(port) } })
    expect(ran.result.status).toBe('passed')
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(/fetch failed/)
    const kept = await replay(sets, {
      url: `http://127.0.0.1:${port}`,
      service: { command: service(port), keepAlive: true },
    })
    expect(kept.result.status).toBe('passed')
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(/fetch failed/)
  })

  it('fails what is left at once when the service dies, and shows its last words', async () => {
    const port = await freePort()
    const tests = [httpTest('a'), httpTest('die', { method: 'POST', url: '/die' }), httpTest('b'), httpTest('c')]
    const ran = await replay(tests, {
      url: `http://127.0.0.1:${port}`,
      service: { command: service(port) },
      retries: 3,
    })
    expect(statuses(ran)).toEqual(['passed', 'failed', 'failed', 'failed'])
    expect(kinds(ran)).toEqual(['crashed', 'crashed', 'crashed'])
    expect(exitCodeOf(ran.result)).toBe(3)
    const notice = ran.events.find((event) => event.type === 'notice')
    expect(notice).toMatchObject({ code: 'KEPLOY_SERVICE_DIED', level: 'error' })
    expect(notice?.message).toContain('exit code 9')
    expect(notice?.message).toContain('out of luck')
  })

  it('reports a service that cannot start, and its tests as not run', async () => {
    const port = await freePort()
    const ran = await replay([testSet([httpTest('a')]), testSet([httpTest('b')], { name: 'other' })], {
      url: `http://127.0.0.1:${port}`,
      service: { command: 'exit 4' },
      minPassRate: 0,
    })
    expect(ran.codes).toEqual(['KEPLOY_SERVICE_EXITED'])
    expect(kinds(ran)).toEqual(['crashed', 'crashed'])
    expect(ran.result.status).toBe('failed')
    expect(exitCodeOf(ran.result)).toBe(3)
  })

  it('stops the service and reports what was done when it is interrupted', async () => {
    const port = await freePort()
    const control = new AbortController()
    const code = `require('http').createServer((q,s)=>{if(q.url!=='/hang')s.end('ok')}).listen(${port},'127.0.0.1')`
    const events: RunEvent[] = []
    const plan = planRun([sourceOf(testSet([httpTest('a'), httpTest('b', { url: '/hang' }), httpTest('c')]))])
    const stream = runPlan(plan, {
      url: `http://127.0.0.1:${port}`,
      service: { command: nodeCommand(code) },
      testTimeoutMs: 60_000,
      signal: control.signal,
    })
    for await (const event of stream) {
      events.push(event)
      if (event.type === 'test-started' && event.test === 'b') control.abort()
    }
    const last = events.at(-1)
    expect(last?.type === 'run-finished' && last.result.status).toBe('interrupted')
    expect(last?.type === 'run-finished' && exitCodeOf(last.result)).toBe(130)
    expect(last?.type === 'run-finished' && last.result.summary).toMatchObject({ passed: 1, skipped: 2 })
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow(/fetch failed/)
  })

  it('stops the service when the reader of events leaves', async () => {
    const port = await freePort()
    const plan = planRun([sourceOf(testSet([httpTest('a'), httpTest('b')]))])
    for await (const event of runPlan(plan, { url: `http://127.0.0.1:${port}`, service: { command: service(port) } })) {
      if (event.type === 'test-finished') break
    }
    await expect.poll(() => fetch(`http://127.0.0.1:${port}/`).catch(() => 'gone')).toBe('gone')
  })
})

describe('commands around a set', () => {
  it('runs the hooks of the configuration before and after, whatever happens in between', async () => {
    await using folder = await tempFolder()
    await using api = await listen((_request, response) => response.end('ok'))
    const ran = await replay([httpTest('a')], {
      url: api.url,
      cwd: folder.path,
      hooks: { beforeSet: 'echo general >> log', afterSet: 'echo after >> log' },
      setHooks: { 'test-set-0': { beforeSet: 'echo own >> log' } },
    })
    expect(ran.result.status).toBe('passed')
    const { readFile } = await import('node:fs/promises')
    expect(await readFile(`${folder.path}/log`, 'utf8')).toBe('own\nafter\n')
  })

  it('blocks the tests of a set whose hook fails, and says what it printed', async () => {
    const ran = await replay([httpTest('a')], {
      url: 'http://127.0.0.1:1',
      hooks: { beforeSet: 'echo no database; exit 2' },
    })
    expect(statuses(ran)).toEqual(['blocked'])
    expect(ran.codes).toEqual(['KEPLOY_SCRIPT_FAILED'])
    expect(ran.events.find((event) => event.type === 'notice')?.message).toContain('no database')
  })

  it('does not run what a set names unless that is allowed', async () => {
    await using folder = await tempFolder()
    await using api = await listen((_request, response) => response.end('ok'))
    const set = testSet([httpTest('a')], { scripts: { pre: 'echo pre >> log', post: 'echo post >> log' } })
    const refused = await replay([set], { url: api.url, cwd: folder.path })
    expect(refused.codes).toEqual(['KEPLOY_SCRIPTS_NOT_RUN'])
    expect(refused.events.find((event) => event.type === 'notice')?.message).toContain('preScript, postScript')
    const { readFile } = await import('node:fs/promises')
    await expect(readFile(`${folder.path}/log`)).rejects.toThrow(/ENOENT/)
    const allowed = await replay([set], { url: api.url, cwd: folder.path, allowScripts: true })
    expect(allowed.codes).toEqual([])
    expect(await readFile(`${folder.path}/log`, 'utf8')).toBe('pre\npost\n')
  })

  it('starts the service with the command of the set when that is allowed', async () => {
    const port = await freePort()
    const own = `exec ${process.execPath} -e "require('http').createServer((q,s)=>s.end('ok')).listen(${port},'127.0.0.1')"`
    const set = testSet([httpTest('a')], { scripts: { appCommand: own } })
    const options = { url: `http://127.0.0.1:${port}`, service: { command: 'exit 5' } }
    expect((await replay([set], options)).codes).toEqual(['KEPLOY_SCRIPTS_NOT_RUN', 'KEPLOY_SERVICE_EXITED'])
    expect((await replay([set], { ...options, allowScripts: true })).result.status).toBe('passed')
  })
})
