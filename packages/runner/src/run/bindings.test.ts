import type { TestCase, TestResult } from '@keploy-framework/format'
import { expect, it } from 'vitest'

import { planRun, type Selection } from '../plan/plan-run.ts'
import { sourceOf } from '../plan/set-source.ts'
import { TestLibrary } from '../plan/test-library.ts'
import { httpTest, testSet } from '../testing/http-test.ts'
import { freePort, nodeCommand } from '../testing/servers.ts'
import type { RunOptions } from './run-options.ts'
import { executePlan } from './run-plan.ts'

/** A small service that makes up the ids of what it stores; a fault can be built in. */
const service = (port: number, fault = ''): string[] =>
  nodeCommand(`
const { createServer } = require('node:http'); const { randomUUID } = require('node:crypto')
const notes = new Map(); let reads = 0
createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => { body += chunk }).on('end', () => {
    const id = request.url.split('/')[2]
    const send = (status, value, headers = {}) => {
      const text = value === undefined ? '' : JSON.stringify(value)
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers })
      response.end(text)
    }
    if (request.method === 'POST') {
      const note = { id: randomUUID(), text: JSON.parse(body).text }
      notes.set(note.id, note)
      return send(201, note, { Location: 'http://' + request.headers.host + '/notes/' + note.id })
    }
    ${fault}
    if (!notes.has(id)) return send(404, { error: 'not found' })
    if (request.method === 'DELETE') { notes.delete(id); return send(204) }
    send(200, notes.get(id))
  })
}).listen(${port}, '127.0.0.1')`)

const ID = '3f2c8a52-7b1d-4c9e-9f60-0a1b2c3d4e5f'
const json: [string, string] = ['Content-Type', 'application/json']
const host: [string, string] = ['Host', 'localhost:8000']

function notes(): TestCase[] {
  const note = `{"id":"${ID}","text":"hello"}`
  const url = `http://localhost:8000/notes/${ID}`
  return [
    httpTest('post-notes-1', {
      method: 'POST',
      url: 'http://localhost:8000/notes',
      headers: [host, json],
      body: '{"text":"hello"}',
      status: 201,
      responseHeaders: [json, ['Location', url]],
      responseBody: note,
      at: 1,
    }),
    httpTest('get-note-1', { url, headers: [host], responseHeaders: [json], responseBody: note, at: 2 }),
    httpTest('delete-note-1', {
      method: 'DELETE',
      url,
      headers: [host],
      status: 204,
      responseHeaders: [json],
      responseBody: { type: 'empty' },
      at: 3,
    }),
    httpTest('get-note-2', {
      url,
      headers: [host],
      status: 404,
      responseHeaders: [json],
      responseBody: '{"error":"not found"}',
      at: 4,
    }),
  ]
}

async function replay(
  fault = '',
  options: Partial<RunOptions> = {},
  selection: Selection = {},
): Promise<readonly TestResult[]> {
  const port = await freePort()
  const library = new TestLibrary(sourceOf(testSet(notes())))
  const { bindings } = await library.know()
  const plan = planRun([library], selection, (_set, test) => bindings.producersOf(test))
  const command = service(port, fault)
  const result = await executePlan(
    plan,
    { url: `http://127.0.0.1:${port}`, service: { command }, ...options },
    () => undefined,
  )
  return result.sets[0]?.tests ?? []
}

const verdicts = (tests: readonly TestResult[]): string[] => tests.map(({ name, status }) => `${name} ${status}`)

it('carries ids that the service makes up from response to request, and shows what met what', async () => {
  const tests = await replay()
  expect(tests.flatMap((test) => test.failures)).toEqual([])
  expect(verdicts(tests)).toEqual([
    'post-notes-1 passed',
    'get-note-1 passed',
    'delete-note-1 passed',
    'get-note-2 passed',
  ])
  const bound = tests.flatMap((test) => test.bound).find((pair) => pair.recorded === ID)
  expect(bound).toMatchObject({ form: 'uuid' })
  expect(bound?.live).not.toBe(ID)
})

it('fails when the service answers with the id of something else', async () => {
  const tests = await replay(
    `if (request.method === 'GET' && notes.has(id)) return send(200, { ...notes.get(id), id: randomUUID() })`,
  )
  expect(verdicts(tests)).toEqual([
    'post-notes-1 passed',
    'get-note-1 failed',
    'delete-note-1 passed',
    'get-note-2 passed',
  ])
  expect(tests[1]?.failures[0]).toMatchObject({ kind: 'body', path: 'body.id' })
})

it('fails exactly the test that breaks when deleting no longer deletes', async () => {
  const tests = await replay(`if (request.method === 'DELETE') return send(204)`)
  expect(verdicts(tests)).toEqual([
    'post-notes-1 passed',
    'get-note-1 passed',
    'delete-note-1 passed',
    'get-note-2 failed',
  ])
})

it('pulls in the tests that a selected one needs, and marks them', async () => {
  const tests = await replay('', {}, { tests: ['get-note-1'] })
  expect(verdicts(tests)).toEqual(['post-notes-1 passed', 'get-note-1 passed'])
  expect(tests.map(({ tags }) => tags)).toEqual([['producer'], []])
})

it('repeats the chain on a retry, and goes on with the ids of the repetition', async () => {
  const fault = `if (request.method === 'GET' && ++reads === 1) { notes.clear(); return send(500, { error: 'busy' }) }`
  const tests = await replay(fault, { retries: 1 })
  expect(verdicts(tests)).toEqual([
    'post-notes-1 passed',
    'get-note-1 flaky',
    'delete-note-1 passed',
    'get-note-2 passed',
  ])
})

it('runs independent chains beside each other with bindings of their own', async () => {
  const tests = await replay('', { workers: 4, independent: true })
  expect(tests.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed', 'passed'])
})
