import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { HttpExchange, HttpExchangeRequest, StreamItem } from '@keploy-framework/format'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { indexJournal } from './journal-index.ts'
import type { JournalRecord } from './journal-record.ts'
import { openJournal } from './open-journal.ts'
import { readJournal } from './read-journal.ts'

let file: string
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'index-'))
  file = join(folder, 'a.journal')
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const none = { bytes: new Uint8Array(0), wireSize: 0 }
const request = (id: number, startedAt: number): HttpExchangeRequest => ({
  method: 'GET',
  target: `/${id}`,
  version: '1.1',
  headers: [],
  trailers: [],
  body: none,
  startedAt,
  endedAt: startedAt,
})
const whole = (id: number, startedAt: number): HttpExchange => ({
  protocol: 'http',
  id,
  connection: 1,
  state: 'complete',
  request: request(id, startedAt),
})
const exchange = (id: number, startedAt: number): JournalRecord => ({
  type: 'exchange',
  id,
  exchange: whole(id, startedAt),
})
const open = (id: number, startedAt: number): JournalRecord => ({
  type: 'open',
  id,
  connection: 1,
  request: request(id, startedAt),
})
const item = (text: string): StreamItem => ({ at: 50, from: 'server', data: { type: 'ndjson', line: text } })
const items = (id: number, ...texts: string[]): JournalRecord => ({
  type: 'part',
  id,
  part: { type: 'items', kind: 'ndjson', items: texts.map(item) },
})
const head = (id: number): JournalRecord => ({
  type: 'part',
  id,
  part: {
    type: 'response-head',
    response: { status: 200, reason: 'OK', version: '1.1', headers: [], startedAt: 9, interim: [] },
  },
})

async function load(records: readonly JournalRecord[]) {
  const journal = openJournal(file)
  for (const record of records) journal.append(record)
  journal.close()
  return all()
}
async function all() {
  const index = await indexJournal(file)
  const found = []
  for await (const one of index.exchanges()) found.push(one)
  return { index, found }
}

describe('an index', () => {
  it('gives exchanges in the order in which they began, whole ones and pieced ones', async () => {
    const { found, index } = await load([
      exchange(4, 40),
      open(3, 30),
      open(9, 90),
      exchange(1, 10),
      exchange(2, 10),
      { type: 'close', id: 3, exchange: whole(3, 30) },
      { type: 'end', at: 1 },
    ])
    expect(found.map(({ exchange }) => [exchange.id, exchange.state])).toEqual([
      [1, 'complete'],
      [2, 'complete'],
      [3, 'complete'],
      [4, 'complete'],
      [9, 'open'],
    ])
    expect(index).toMatchObject({ count: 5, ended: true, gaps: 0 })
  })

  it('puts a stream together from its parts', async () => {
    const notes = { unsafe: true }
    const stream = { kind: 'ndjson', items: [] } as const
    const { found } = await load([
      open(1, 1),
      { type: 'part', id: 1, part: { type: 'request', request: { ...request(1, 1), endedAt: 7 } } },
      head(1),
      items(1, 'a', 'b'),
      items(1, 'c'),
      open(2, 2),
      head(2),
      { ...items(2, 'd'), notes } as JournalRecord,
      { type: 'close', id: 2, exchange: { ...whole(2, 2), stream } },
    ])
    expect(found[0]).toMatchObject({
      exchange: {
        state: 'open',
        request: { endedAt: 7 },
        response: { status: 200, endedAt: 50 },
        stream: { kind: 'ndjson', items: [item('a'), item('b'), item('c')] },
      },
      notes: {},
    })
    expect(found[1]).toMatchObject({ exchange: { state: 'complete', stream: { items: [item('d')] } }, notes })
  })

  it('makes the best of an exchange whose beginning is damaged', async () => {
    await load([
      open(1, 1),
      items(1, 'lost'),
      { type: 'close', id: 1, exchange: whole(1, 1) },
      open(2, 2),
      items(2, 'x'),
    ])
    const places: number[] = []
    for await (const { offset } of readJournal(file)) places.push(offset)
    const bytes = readFileSync(file)
    bytes[(places[0] ?? 0) + 25] = 0
    bytes[(places[3] ?? 0) + 25] = 0
    writeFileSync(file, bytes)
    const { found, index } = await all()
    expect(found.map(({ exchange }) => exchange.id)).toEqual([1])
    expect(index.health.damaged).toBe(2)
  })

  it('holds many', async () => {
    const { found, index } = await load(Array.from({ length: 3000 }, (_, i) => exchange(i, 10_000 - i)))
    expect(found).toHaveLength(3000)
    expect(found[0]?.exchange.id).toBe(2999)
    expect(index.count).toBe(3000)
  })

  it('gathers what a session says about itself', async () => {
    const secret = { number: 1, kind: 'cookie', firstSeen: 'x' }
    const { index } = await load([
      { type: 'meta', meta: { pid: 1, target: 't' } },
      { type: 'meta', meta: { secrets: [secret] } },
      { type: 'gap', connection: 1, from: 'client', reason: 'r', at: 1 },
    ])
    expect(index).toMatchObject({ meta: { pid: 1, target: 't' }, secrets: [secret], gaps: 1, ended: false, count: 0 })
  })
})
