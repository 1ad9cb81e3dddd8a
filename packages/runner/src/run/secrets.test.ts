import type { IncomingMessage, ServerResponse } from 'node:http'

import type { RunEvent, SecretRecord, TestCase, TestResult } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import { describe, expect, it } from 'vitest'

import { planRun } from '../plan/plan-run.ts'
import { sourceOf } from '../plan/set-source.ts'
import { httpTest, testSet } from '../testing/http-test.ts'
import { freePort, listen, nodeCommand } from '../testing/servers.ts'
import type { RunOptions } from './run-options.ts'
import { executePlan } from './run-plan.ts'

const json: [string, string] = ['Content-Type', 'application/json']

interface Replayed {
  readonly tests: readonly TestResult[]
  /** Everything that left the run. */
  readonly shown: string
}

async function replay(tests: TestCase[], options: RunOptions, secrets: SecretRecord[] = []): Promise<Replayed> {
  const events: RunEvent[] = []
  const result = await executePlan(planRun([sourceOf(testSet(tests, { secrets }))]), { env: {}, ...options }, (event) =>
    events.push(event),
  )
  return { tests: result.sets[0]?.tests ?? [], shown: JSON.stringify(events) }
}

const verdicts = ({ tests }: Replayed): string[] => tests.map(({ name, status }) => `${name} ${status}`)

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

describe('a test that needs a value of a test that did not pass', () => {
  const ID = '3f2c8a52-7b1d-4c9e-9f60-0a1b2c3d4e5f'
  const LIVE = '11111111-7b1d-4c9e-9f60-0a1b2c3d4e5f'
  const tests = (): TestCase[] => [
    httpTest('post-notes-1', {
      method: 'POST',
      url: '/notes',
      headers: [json],
      body: '{"text":"a"}',
      status: 201,
      responseHeaders: [json],
      responseBody: `{"id":"${ID}","text":"a","key":"{{secret.1}}"}`,
    }),
    httpTest('get-note-1', {
      url: `/notes/${ID}`,
      headers: [],
      status: 404,
      responseHeaders: [json],
      responseBody: '{}',
    }),
    httpTest('get-note-2', {
      url: '/notes',
      headers: [['X-Key', '{{secret.1}}']],
      responseHeaders: [json],
      responseBody: '[]',
    }),
    httpTest('get-other-1', { url: '/other', headers: [], responseHeaders: [json], responseBody: '[]' }),
  ]

  it('is blocked and says by which, instead of passing or failing by chance', async () => {
    let asked = 0
    await using api = await listen((request, response) => {
      asked += 1
      if (request.url === '/notes') return answer(response, 500, { error: 'broken', id: LIVE })
      return answer(response, request.url === '/other' ? 200 : 404, request.url === '/other' ? [] : {})
    })
    const run = await replay(tests(), { url: api.url })
    expect(verdicts(run)).toEqual([
      'post-notes-1 failed',
      'get-note-1 blocked',
      'get-note-2 blocked',
      'get-other-1 passed',
    ])
    expect(run.tests[0]?.bound).toEqual([])
    expect(run.tests[1]?.failures.map(({ message }) => message)).toEqual([
      'It needs body.id of post-notes-1, which did not pass and did not show it. Mend that test first.',
    ])
    expect(run.tests[2]?.failures[0]?.message).toBe(
      'The secret {{secret.1}} has no value: post-notes-1 should have shown it (body.key), and did not pass. Mend that test first.',
    )
    expect(asked).toBe(2)
  })

  it('runs when the value was shown all the same', async () => {
    await using api = await listen((request, response) => {
      if (request.method === 'POST') return answer(response, 201, { id: LIVE, text: 'other', key: 'live-key-1' })
      if (request.url === `/notes/${LIVE}`) return answer(response, 404, {})
      return answer(response, request.url === '/other' || request.headers['x-key'] === 'live-key-1' ? 200 : 401, [])
    })
    const run = await replay(tests(), { url: api.url })
    expect(verdicts(run)).toEqual([
      'post-notes-1 failed',
      'get-note-1 passed',
      'get-note-2 passed',
      'get-other-1 passed',
    ])
  })

  it('is blocked too when there was no answer at all, also to the first test', async () => {
    await using api = await listen((request, response) => {
      if (request.url === '/notes') request.socket.destroy()
      else answer(response, request.url === '/other' ? 200 : 404, request.url === '/other' ? [] : {})
    })
    const run = await replay(tests(), { url: api.url })
    expect(verdicts(run)).toEqual([
      'post-notes-1 failed',
      'get-note-1 blocked',
      'get-note-2 blocked',
      'get-other-1 passed',
    ])
  })
})

describe('a secret without a value', () => {
  it('is named with what it is and where it was seen', async () => {
    const body = '{"password":"{{secret.1}}"}'
    const tests = [httpTest('login', { method: 'POST', headers: [json], body })]
    const secrets = [{ number: 1, kind: 'password field', firstSeen: 'request of login, body' }]
    const run = await replay(tests, { url: 'http://127.0.0.1:9' }, secrets)
    expect(run.tests[0]?.failures[0]?.message).toBe(
      'The secret {{secret.1}} (password field, first seen in the request of login, body) has no value: no earlier test produced it. ' +
        "Set KEPLOY_SECRET_TEST_SET_0_1 or KEPLOY_SECRET_1 in the environment, or add `1` to secret.yaml in the set's folder.",
    )
  })

  it('blocks a test whose WebSocket messages need it', async () => {
    const stream = {
      kind: 'websocket',
      items: [{ at: 1, from: 'client', data: { type: 'text', text: '{"auth":"{{secret.2}}"}' } }],
    } as const
    const headers: [string, string][] = [['Upgrade', 'websocket']]
    const tests = [httpTest('socket', { headers, status: 101, responseBody: { type: 'empty' }, stream })]
    const run = await replay(tests, { url: 'http://127.0.0.1:9' })
    expect(verdicts(run)).toEqual(['socket blocked'])
    expect(run.tests[0]?.failures[0]?.message).toContain('KEPLOY_SECRET_2')
  })
})

describe('live secrets', () => {
  const login = httpTest('login', {
    method: 'POST',
    headers: [json],
    body: '{"password":"{{secret.1}}"}',
    responseHeaders: [json],
    responseBody: '{"ticket":"{{secret.2}}","user":"ann"}',
  })
  const me = httpTest('me', {
    headers: [['Authorization', 'Bearer {{secret.2}}']],
    responseHeaders: [json],
    responseBody: '{"note":"fine"}',
  })
  const secrets = [
    { number: 1, kind: 'password field', firstSeen: '' },
    { number: 2, kind: 'ticket field', firstSeen: '' },
  ]
  const env = { KEPLOY_SECRET_1: 'live-passw0rd', KEPLOY_SECRET_NAMED: 'named-s3cret' }

  it('are in nothing that leaves the run, and have the numbers of the recording there', async () => {
    await using api = await listen((request, response) => {
      const respond = (body: string): void => {
        const echo = `${body} ${request.headers.authorization} ${String(request.headers['x-named'])}`
        answer(response, 200, request.method === 'POST' ? { ticket: 'live-ticket-9', user: echo } : { note: echo })
      }
      void textOf(request).then(respond)
    })
    const named = httpTest('named', { headers: [['X-Named', '{{string .secret.NAMED}}']], responseBody: 'x' })
    const { tests, shown } = await replay([login, me, named], { url: api.url, env }, secrets)
    expect(tests.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed'])
    for (const secret of ['live-passw0rd', 'live-ticket-9', 'named-s3cret']) expect(shown).not.toContain(secret)
    expect(tests[0]?.actual?.body).toContain('"ticket":"{{secret.2}}"')
    expect(tests[0]?.expected?.body).toContain('"ticket":"{{secret.2}}"')
    expect(tests[1]?.failures[0]?.actual).toContain('Bearer {{secret.2}}')
  })

  it('are in no output of the service', async () => {
    const port = await freePort()
    const command = nodeCommand(`
      console.log('password is ' + process.env.PW)
      require('node:http').createServer((request, response) => {
        const ticket = 'live-ticket-' + 9; console.log('issued ' + ticket); console.error(request.headers.authorization)
        if (request.method === 'GET') process.exit(3)
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ ticket, user: 'ann' }))
      }).listen(${port}, '127.0.0.1')`)
    const service = { command, env: { PW: 'live-passw0rd' } }
    const run = await replay([login, me], { url: `http://127.0.0.1:${port}`, service, env }, secrets)
    expect(verdicts(run)).toEqual(['login passed', 'me failed'])
    expect(run.shown).toContain('issued {{secret.2}}')
    for (const secret of ['live-passw0rd', 'live-ticket-9']) expect(run.shown).not.toContain(secret)
  })

  it('that stand in a field of their own are hidden in messages too, however short', async () => {
    await using api = await listen((_request, response) =>
      answer(response, 200, { note: 'fine', pin: 4711, token: 'abc' }),
    )
    const { tests, shown } = await replay([{ ...me, request: { ...me.request, headers: [] } }], { url: api.url })
    expect(tests[0]?.failures.map(({ path }) => path).sort()).toEqual(['body.pin', 'body.token'])
    expect(shown).not.toContain('abc')
    expect(shown).not.toContain('4711')
  })

  it('are still secret when the caller brings a redactor', async () => {
    const redactor = createRedactor()
    await using api = await listen((_request, response) =>
      answer(response, 200, { ticket: 'live-ticket-9', user: 'ann' }),
    )
    await replay([login], { url: api.url, env, redactor }, secrets)
    expect(redactor.seen('live-ticket-9 live-passw0rd', 'later')).toBe('{{secret.2}} {{secret.1}}')
  })
})

it('compares a body that was withheld by its size alone, and says so', async () => {
  await using api = await listen((_request, response) => void response.end('abc'))
  const withheld = httpTest('a', { headers: [], responseBody: { type: 'omitted', size: 3 } })
  const other = httpTest('b', { headers: [], responseBody: { type: 'omitted', size: 4 } })
  const unsent = httpTest('c', { method: 'POST', headers: [], request: { body: { type: 'omitted', size: 4 } } })
  const run = await replay([withheld, other, unsent], { url: api.url })
  expect(verdicts(run)).toEqual(['a passed', 'b failed', 'c failed'])
  expect(run.tests[0]?.rules).toContainEqual({ path: 'body', rule: 'size only: the recording kept no content' })
  expect(run.tests[2]?.failures[0]?.message).toContain('was not recorded')
})
