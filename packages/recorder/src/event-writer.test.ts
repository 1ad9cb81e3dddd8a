import type { HttpExchange, StreamItem } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import type { CodecEvent } from '@keploy-framework/wire'
import { describe, expect, it } from 'vitest'

import { EventWriter } from './event-writer.ts'
import type { JournalRecord } from './journal/journal-record.ts'
import type { Journal } from './journal/open-journal.ts'

/** A journal in memory: `written` is what a flush would have handed to the system. */
function memoryJournal(): { journal: Journal; written: JournalRecord[]; appended: JournalRecord[] } {
  const appended: JournalRecord[] = []
  const written: JournalRecord[] = []
  const journal: Journal = {
    file: 'memory',
    failure: undefined,
    append: (record) => appended.push(record) > 0,
    flush: () => void written.splice(0, written.length, ...appended),
    stats: () => ({ records: 0, bytes: 0, lost: 0 }),
    close: () => {},
    [Symbol.dispose]: () => {},
  }
  return { journal, written, appended }
}

const none = { bytes: new Uint8Array(0), wireSize: 0 }
const head = { method: 'GET', target: '/a?token=abc-123', version: '1.1', headers: [], startedAt: 1 }
const full = { ...head, trailers: [], body: none, endedAt: 1 }
const opened = (id: number): CodecEvent => ({ type: 'open', id, connection: 1, request: head })
const requested = (id: number): CodecEvent => ({ type: 'part', id, part: { type: 'request', request: full } })
const item: StreamItem = { at: 2, from: 'server', data: { type: 'sse', data: 'x' } }
const streamed = (id: number): CodecEvent => ({ type: 'part', id, part: { type: 'items', kind: 'sse', items: [item] } })
const closed = (id: number, stream?: HttpExchange['stream']): CodecEvent => ({
  type: 'close',
  id,
  exchange: { protocol: 'http', id, connection: 1, state: 'complete', request: full, ...(stream && { stream }) },
})

function setup() {
  const memory = memoryJournal()
  let time = 0
  const writer = new EventWriter(memory.journal, createRedactor(), { openAfterMs: 10, now: () => time })
  const types = () => memory.written.map((record) => record.type).filter((type) => type !== 'meta')
  return { ...memory, writer, types, pass: (ms: number) => (time += ms) }
}

describe('an exchange', () => {
  it('that closes within a moment is one record', () => {
    const { writer, types, written } = setup()
    for (const event of [opened(1), requested(1), closed(1)]) writer.write(event)
    writer.flush()
    expect(types()).toEqual(['exchange'])
    expect(JSON.stringify(written)).not.toContain('abc-123')
    expect(writer.stats()).toEqual({ exchanges: 1, open: 0, gaps: 0 })
    writer.stop()
  })

  it('that stays open is written as it goes', () => {
    const { writer, types, pass } = setup()
    writer.write(opened(1))
    writer.flush()
    expect(types()).toEqual([])
    pass(11)
    writer.write(opened(2))
    writer.flush()
    expect(types()).toEqual(['open'])
    writer.write(requested(1))
    writer.write(closed(1))
    writer.flush()
    expect(types()).toEqual(['open', 'part', 'close'])
    writer.stop()
    expect(types()).toEqual(['open', 'part', 'close', 'open'])
  })

  it('that nobody flushes is written by the clock', async () => {
    const { journal, written } = memoryJournal()
    const writer = new EventWriter(journal, createRedactor(), { openAfterMs: 1 })
    writer.write(opened(1))
    await expect.poll(() => written.map((record) => record.type)).toContain('open')
    writer.write(opened(2))
    await expect.poll(() => written.filter((record) => record.type === 'open').length).toBe(2)
    writer.stop()
  })

  it('that streams is in the journal before its pieces are seen, and each piece once', () => {
    const { writer, types, written } = setup()
    for (const event of [opened(1), requested(1), streamed(1)]) writer.write(event)
    writer.flush()
    expect(types()).toEqual(['open', 'part', 'part'])
    writer.write(streamed(1))
    writer.write(closed(1, { kind: 'sse', items: [item, item] }))
    writer.flush()
    expect(types()).toEqual(['open', 'part', 'part', 'part', 'close'])
    const last = written.at(-1)
    expect(last?.type === 'close' && last.exchange.stream?.items).toEqual([])
    writer.stop()
  })
})

describe('other events', () => {
  it('are gaps, redacted, and pieces of what nobody opened', () => {
    const { writer, written } = setup()
    writer.write({ type: 'gap', connection: 1, from: 'client', reason: 'bad line password=hunter22', at: 1 })
    writer.write(requested(9))
    writer.write(closed(8))
    writer.flush()
    expect(writer.stats()).toEqual({ exchanges: 1, open: 0, gaps: 1 })
    expect(JSON.stringify(written)).not.toContain('hunter22')
    writer.stop()
  })

  it('tell about each new secret once', () => {
    const { writer, written } = setup()
    for (const event of [opened(1), closed(1), opened(2), closed(2)]) writer.write(event)
    writer.flush()
    const secrets = written.flatMap((record) => (record.type === 'meta' ? (record.meta.secrets ?? []) : []))
    expect(secrets.map(({ number }) => number)).toEqual([1])
    writer.stop()
  })
})
