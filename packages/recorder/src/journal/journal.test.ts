import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { HttpExchange, StreamItem } from '@keploy-framework/format'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { RecorderError } from '../recorder-error.ts'
import type { JournalRecord } from './journal-record.ts'
import { FILE_HEADER, MAX_RECORD } from './layout.ts'
import { openJournal } from './open-journal.ts'
import { readJournal, type JournalHealth, type PlacedRecord } from './read-journal.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

function exchange(id: number, body = `{"id":${id}}`, items?: StreamItem[]): HttpExchange {
  const bytes = Buffer.from(body)
  return {
    protocol: 'http',
    id,
    connection: 1,
    state: 'complete',
    request: {
      method: 'POST',
      target: `/items/${id}`,
      version: '1.1',
      headers: [['Host', 'localhost']],
      trailers: [],
      body: { bytes, wireSize: bytes.length },
      startedAt: 1000 + id,
      endedAt: 1000.5 + id,
    },
    response: {
      status: 201,
      reason: 'Created',
      version: '1.1',
      headers: [],
      trailers: [],
      body: { bytes: Buffer.from('h\u00e9llo'), wireSize: 6, encoding: 'gzip' },
      startedAt: 1001 + id,
      endedAt: 1002 + id,
      interim: [],
    },
    ...(items && { stream: { kind: 'websocket', items } }),
  }
}

const plain = (id: number, body?: string): JournalRecord => ({ type: 'exchange', id, exchange: exchange(id, body) })

function write(file: string, records: readonly JournalRecord[]): void {
  using journal = openJournal(file, { fsync: 'never' })
  for (const record of records) journal.append(record)
}

async function read(file: string): Promise<{ placed: PlacedRecord[]; health: JournalHealth }> {
  const reader = readJournal(file)
  const placed: PlacedRecord[] = []
  for await (const one of reader) placed.push(one)
  return { placed, health: reader.health }
}

/** Byte arrays as text, so that views and buffers compare alike. */
const comparable = (record: JournalRecord): string =>
  JSON.stringify(record, (_key, value: unknown) =>
    value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString('hex')}` : value,
  )
// Buffers have a toJSON of their own, which comes before the replacer.
const view = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

describe('a journal', () => {
  it('gives back what was written, bytes and all', async () => {
    const file = join(folder, 'a.journal')
    const items: StreamItem[] = [
      { at: 1, from: 'client', data: { type: 'text', text: 'hi' } },
      { at: 2, from: 'server', data: { type: 'binary', bytes: view(Buffer.from([0, 255, 1])) } },
      { at: 3, from: 'server', data: { type: 'ping', bytes: new Uint8Array(0) } },
      { at: 4, from: 'server', data: { type: 'close', code: 1000 } },
    ]
    const { request } = exchange(2)
    const whole = exchange(3, '', items)
    const records: JournalRecord[] = [
      { type: 'meta', meta: { pid: 1, target: 'http://localhost' } },
      plain(1),
      { type: 'open', id: 2, connection: 1, request },
      { type: 'part', id: 2, part: { type: 'request', request } },
      { type: 'part', id: 2, part: { type: 'items', kind: 'websocket', items }, notes: { unsafe: true } },
      { type: 'close', id: 3, exchange: whole },
      { type: 'gap', connection: 1, from: 'client', reason: 'x', at: 1 },
      { type: 'end', at: 9 },
    ]
    write(file, records)
    const { placed, health } = await read(file)
    expect(placed.map(({ record }) => record.type)).toEqual(records.map((record) => record.type))
    const first = placed[1]?.record
    expect(first?.type === 'exchange' && Buffer.from(first.exchange.request.body.bytes).toString()).toBe('{"id":1}')
    expect(first?.type === 'exchange' && Buffer.from(first.exchange.response?.body.bytes ?? []).toString()).toBe(
      'h\u00e9llo',
    )
    const part = placed[4]?.record
    expect(part?.type === 'part' && part.part.type === 'items' && part.part.items[1]?.data).toEqual({
      type: 'binary',
      bytes: Buffer.from([0, 255, 1]),
    })
    const last = placed[5]?.record
    expect(last?.type === 'close' && last.exchange.stream?.items).toHaveLength(4)
    expect(health).toEqual({ records: 8, tornBytes: 0, damaged: 0, skippedBytes: 0 })
  })

  it('gives back any exchange, whatever its text and bytes', async () => {
    const file = join(folder, 'p.journal')
    const bytes = fc.uint8Array({ maxLength: 200 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), bytes, bytes), { maxLength: 8 }),
        async (parts) => {
          await rm(file, { force: true })
          const records = parts.map(([text, one, two], id): JournalRecord => {
            const base = exchange(id)
            const response = base.response && {
              ...base.response,
              reason: text,
              body: { bytes: view(two), wireSize: 1 },
            }
            const request = { ...base.request, target: text, body: { bytes: view(one), wireSize: 2 } }
            return { type: 'exchange', id, exchange: { ...base, request, ...(response && { response }) } }
          })
          write(file, records)
          const { placed } = await read(file)
          const normal = placed.map(({ record }) => {
            if (record.type !== 'exchange') return ''
            const { request, response } = record.exchange
            return comparable({
              ...record,
              exchange: {
                ...record.exchange,
                request: { ...request, body: { ...request.body, bytes: view(request.body.bytes) } },
                ...(response && {
                  response: { ...response, body: { ...response.body, bytes: view(response.body.bytes) } },
                }),
              },
            })
          })
          expect(normal).toEqual(records.map(comparable))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is readable up to the last whole record, cut at whatever byte', async () => {
    const file = join(folder, 't.journal')
    write(file, [{ type: 'meta', meta: { pid: 1 } }, plain(1), plain(2), { type: 'end', at: 1 }])
    const all = readFileSync(file)
    const { placed } = await read(file)
    const ends = placed.map(({ offset, length }) => offset + length)
    const cut = join(folder, 'cut.journal')
    for (let size = 0; size < all.length; size++) {
      writeFileSync(cut, all.subarray(0, size))
      const { placed: left, health } = await read(cut)
      const whole = ends.filter((end) => end <= size).length
      expect(left).toHaveLength(whole)
      expect(health.tornBytes).toBe(size < FILE_HEADER ? size : size - (ends[whole - 1] ?? FILE_HEADER))
      expect(health.damaged).toBe(0)
    }
  }, 30_000)

  it('goes on behind a damaged record, and tells', async () => {
    const file = join(folder, 'd.journal')
    write(
      file,
      Array.from({ length: 20 }, (_, id) => plain(id)),
    )
    const all = readFileSync(file)
    const { placed } = await read(file)
    const damaged = join(folder, 'damaged.journal')
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - FILE_HEADER - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(all)
        const place = FILE_HEADER + at
        bytes[place] = (bytes[place] as number) ^ change
        writeFileSync(damaged, bytes)
        const hit = placed.findIndex(({ offset, length }) => place >= offset && place < offset + length)
        const { placed: left, health } = await read(damaged)
        const ids = left.map(({ record }) => (record.type === 'exchange' ? record.id : -1))
        expect(ids).toEqual(placed.map((_, id) => id).filter((id) => id !== hit))
        const last = hit === placed.length - 1
        expect(last ? health.tornBytes : health.skippedBytes).toBe(placed[hit]?.length)
        expect(health.damaged).toBe(last ? 0 : 1)
      }),
      { numRuns: 100 },
    )
  }, 30_000)

  it('never throws on a damaged body, whatever was written over it', async () => {
    const file = join(folder, 'r.journal')
    write(
      file,
      Array.from({ length: 5 }, (_, id) => plain(id)),
    )
    const all = readFileSync(file)
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 33), fc.uint8Array({ minLength: 1, maxLength: 400 }), async (at, noise) => {
        const bytes = Buffer.from(all)
        bytes.set(noise.subarray(0, bytes.length - 32 - at), 32 + at)
        writeFileSync(file, bytes)
        const { placed } = await read(file)
        expect(placed.length).toBeLessThanOrEqual(5)
      }),
      { numRuns: 60 },
    )
  })

  it('is read without its header when the first record proves its marker', async () => {
    const file = join(folder, 'h.journal')
    write(file, [plain(1)])
    const fd = openSync(file, 'r+')
    writeSync(fd, 'garbage in place of the header!!', 0)
    closeSync(fd)
    const { placed, health } = await read(file)
    expect(placed).toHaveLength(1)
    expect(health.damaged).toBe(1)
  })

  it('does not take recorded bytes for a record', async () => {
    const inner = join(folder, 'i.journal')
    write(inner, [plain(666)])
    const file = join(folder, 'o.journal')
    write(file, [plain(1, readFileSync(inner).toString('latin1')), plain(2)])
    const fd = openSync(file, 'r+')
    writeSync(fd, 'x', FILE_HEADER + 25)
    closeSync(fd)
    const { placed } = await read(file)
    expect(placed.map(({ record }) => record.type === 'exchange' && record.id)).toEqual([2])
  })

  it('reads records that are longer than its window', async () => {
    const file = join(folder, 'l.journal')
    write(file, [plain(1, 'x'.repeat(900_000)), plain(2)])
    const { placed } = await read(file)
    expect(placed.map(({ length }) => length > 900_000)).toEqual([true, false])
  })

  it('refuses what is no journal', async () => {
    const file = join(folder, 'n.journal')
    writeFileSync(file, 'this is no journal at all, only a text that is long enough to be one')
    await expect(read(file)).rejects.toMatchObject({ code: 'KEPLOY_JOURNAL_READ' })
    await expect(read(join(folder, 'missing'))).rejects.toMatchObject({ code: 'KEPLOY_JOURNAL_READ' })
  })

  it('is empty when it was cut before its first record', async () => {
    const file = join(folder, 'e.journal')
    write(file, [])
    expect((await read(file)).health).toEqual({ records: 0, tornBytes: 0, damaged: 0, skippedBytes: 0 })
    truncateSync(file, 18)
    expect((await read(file)).health.tornBytes).toBe(18)
  })
})

describe('writing', () => {
  it('never shares a file', () => {
    const file = join(folder, 'x.journal')
    using journal = openJournal(file)
    expect(journal.file).toBe(file)
    expect(() => openJournal(file)).toThrow(RecorderError)
    expect(() => openJournal('/dev/null/x/y.journal')).toThrow(expect.objectContaining({ code: 'KEPLOY_JOURNAL_OPEN' }))
  })

  it.each(['never', 'interval', 'always'] as const)('syncs %s', async (fsync) => {
    const file = join(folder, `${fsync}.journal`)
    const journal = openJournal(file, { fsync, fsyncIntervalMs: 1 })
    for (let id = 0; id < 20; id++) {
      journal.append(plain(id))
      journal.flush()
      await new Promise((resolve) => setImmediate(resolve))
    }
    journal.close()
    journal.close()
    expect(journal.append(plain(1))).toBe(false)
    expect(journal.stats()).toMatchObject({ records: 20, lost: 1 })
    expect((await read(file)).placed).toHaveLength(20)
  })

  it('does not keep a record that is too long', async () => {
    const file = join(folder, 'big.journal')
    using journal = openJournal(file)
    const base = exchange(1)
    const body = { bytes: new Uint8Array(MAX_RECORD), wireSize: MAX_RECORD }
    expect(journal.append({ type: 'exchange', id: 1, exchange: { ...base, request: { ...base.request, body } } })).toBe(
      false,
    )
    expect(journal.append(plain(2, 'y'.repeat(2_000_000)))).toBe(true)
    journal.flush()
    expect((await read(file)).placed).toHaveLength(1)
  })
})
