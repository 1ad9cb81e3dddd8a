import { open, type FileHandle } from 'node:fs/promises'

import type { Call, HttpExchange, StreamItem } from '@keploy-framework/format'
import type { SecretInfo } from '@keploy-framework/redact'

import { byStart } from '../compile/compile.ts'
import type { ExchangeNotes, JournalMeta, JournalRecord } from './journal-record.ts'
import { readJournal, readRecordAt, type JournalHealth } from './read-journal.ts'

const NOTHING = new Uint8Array(0)
/** Numbers that are kept for each exchange: when it began, its id, where it lies, how long it is. */
const ROW = 4

interface Flight {
  readonly id: number
  readonly startedAt: number
  /** Offset and length of each of its records, in order. */
  readonly places: number[]
}

/** An exchange as a journal tells it. */
export interface JournalledExchange {
  readonly exchange: HttpExchange
  readonly notes: ExchangeNotes
}

/** Reasons of gaps that are kept; more would tell nobody more. */
const MAX_REASONS = 5

/** Where the exchanges of a journal lie; 32 bytes of memory for each. */
export interface JournalIndex {
  readonly meta: JournalMeta
  readonly secrets: readonly SecretInfo[]
  readonly gaps: number
  /** Why, and how often each; the first few reasons. */
  readonly gapReasons: ReadonlyMap<string, number>
  /** Whether the recorder ended as it should. */
  readonly ended: boolean
  readonly health: Readonly<JournalHealth>
  readonly count: number
  /** Every exchange, in the order in which the requests began; each is read when it is asked for. */
  exchanges(): AsyncGenerator<JournalledExchange>
  readonly callCount: number
  /** Whether there are calls of which it is not sure what caused them. */
  readonly ambiguous: boolean
  /** Every call to a dependency, in the same order. */
  calls(): AsyncGenerator<Call>
}

/**
 * Reads a journal once to learn what is in it.
 *
 * @throws {RecorderError} `KEPLOY_JOURNAL_READ` when the file cannot be read or is no journal
 */
export async function indexJournal(file: string): Promise<JournalIndex> {
  const journal = readJournal(file)
  const rows = new Rows()
  const callRows = new Rows()
  const flights = new Map<number, Flight>()
  const meta: JournalMeta = {}
  const secrets: SecretInfo[] = []
  let gaps = 0
  const gapReasons = new Map<string, number>()
  let ended = false
  let ambiguous = false
  for await (const { record, offset, length } of journal) {
    switch (record.type) {
      case 'exchange': {
        rows.add(record.exchange.request.startedAt, record.id, offset, length)
        break
      }
      case 'call':
        callRows.add(record.startedAt, record.id, offset, length)
        ambiguous ||= record.call.cause?.certainty === 'ambiguous'
        break
      case 'open':
        flights.set(record.id, { id: record.id, startedAt: record.request.startedAt, places: [offset, length] })
        break
      case 'part':
      case 'close': {
        const flight = flights.get(record.id)
        if (flight) flight.places.push(offset, length)
        // Its beginning was damaged; its end tells everything but the items of a stream.
        else if (record.type === 'close') {
          flights.set(record.id, {
            id: record.id,
            startedAt: record.exchange.request.startedAt,
            places: [offset, length],
          })
        }
        break
      }
      case 'meta': {
        const { secrets: more, ...rest } = record.meta
        Object.assign(meta, rest)
        if (more) secrets.push(...more)
        break
      }
      case 'gap':
        gaps++
        if (gapReasons.has(record.reason) || gapReasons.size < MAX_REASONS) {
          gapReasons.set(record.reason, (gapReasons.get(record.reason) ?? 0) + 1)
        }
        break
      case 'end':
        ended = true
    }
  }
  return {
    meta,
    secrets,
    gaps,
    gapReasons,
    ended,
    health: journal.health,
    count: rows.count + flights.size,
    exchanges: () => inOrder(file, rows, [...flights.values()]),
    callCount: callRows.count,
    ambiguous,
    calls: () => callsInOrder(file, callRows),
  }
}

/** Where records lie, in little memory. */
class Rows {
  #numbers = new Float64Array(1024 * ROW)
  count = 0

  add(startedAt: number, id: number, offset: number, length: number): void {
    if ((this.count + 1) * ROW > this.#numbers.length) {
      const grown = new Float64Array(this.#numbers.length * 2)
      grown.set(this.#numbers)
      this.#numbers = grown
    }
    this.#numbers.set([startedAt, id, offset, length], this.count * ROW)
    this.count++
  }

  at(i: number): { startedAt: number; id: number; offset: number; length: number } {
    const at = i * ROW
    const numbers = this.#numbers as ArrayLike<number> as readonly number[]
    return { startedAt: numbers[at]!, id: numbers[at + 1]!, offset: numbers[at + 2]!, length: numbers[at + 3]! }
  }

  inOrder(): Uint32Array {
    const order = new Uint32Array(this.count).map((_, i) => i)
    return order.sort((a, b) => byStart(this.at(a), this.at(b)))
  }
}

async function* callsInOrder(path: string, rows: Rows): AsyncGenerator<Call> {
  const file = await open(path, 'r')
  try {
    for (const i of rows.inOrder()) {
      const { offset, length } = rows.at(i)
      const record = await readRecordAt(file, offset, length)
      if (record?.type === 'call') yield record.call
    }
  } finally {
    await file.close()
  }
}

async function* inOrder(path: string, rows: Rows, flights: Flight[]): AsyncGenerator<JournalledExchange> {
  flights.sort(byStart)
  const file = await open(path, 'r')
  try {
    yield* readInOrder(file, rows.inOrder(), rows, flights)
  } finally {
    await file.close()
  }
}

async function* readInOrder(
  file: FileHandle,
  order: Uint32Array,
  rows: Rows,
  flights: readonly Flight[],
): AsyncGenerator<JournalledExchange> {
  let next = 0
  for (const i of order) {
    while (next < flights.length && byStart(flights[next] as Flight, rows.at(i)) < 0) {
      yield await assemble(file, flights[next++] as Flight)
    }
    const { offset, length } = rows.at(i)
    const record = await readRecordAt(file, offset, length)
    if (record?.type === 'exchange') yield { exchange: record.exchange, notes: record.notes ?? {} }
  }
  while (next < flights.length) yield await assemble(file, flights[next++] as Flight)
}

async function assemble(file: FileHandle, flight: Flight): Promise<JournalledExchange> {
  let state: { exchange: HttpExchange; items: StreamItem[]; unsafe: boolean } | undefined
  for (let i = 0; i < flight.places.length; i += 2) {
    const record = await readRecordAt(file, flight.places[i] as number, flight.places[i + 1] as number)
    if (record) state = addRecord(state, record)
  }
  if (!state) throw new TypeError(`The records of exchange ${flight.id} changed while they were read.`)
  const { exchange, items, unsafe } = state
  const kind = exchange.stream?.kind
  return {
    exchange: kind === undefined || items.length === 0 ? exchange : { ...exchange, stream: { kind, items } },
    notes: unsafe ? { unsafe } : {},
  }
}

function addRecord(
  before: { exchange: HttpExchange; items: StreamItem[]; unsafe: boolean } | undefined,
  record: JournalRecord,
): { exchange: HttpExchange; items: StreamItem[]; unsafe: boolean } | undefined {
  const body = { bytes: NOTHING, wireSize: 0 }
  if (record.type === 'open') {
    const { request } = record
    return {
      exchange: {
        protocol: 'http',
        id: record.id,
        connection: record.connection,
        state: 'open',
        request: { ...request, trailers: [], body, endedAt: request.startedAt },
      },
      items: [],
      unsafe: false,
    }
  }
  if (record.type === 'close') {
    const told = record.exchange.stream?.items ?? []
    const items = [...(before?.items ?? []), ...told]
    return { exchange: record.exchange, items, unsafe: before?.unsafe === true || record.notes?.unsafe === true }
  }
  if (record.type !== 'part' || !before) return before
  const unsafe = before.unsafe || record.notes?.unsafe === true
  const { part } = record
  switch (part.type) {
    case 'request':
      return { ...before, unsafe, exchange: { ...before.exchange, request: part.request } }
    case 'response-head': {
      const response = { ...part.response, trailers: [], body, endedAt: part.response.startedAt }
      return { ...before, unsafe, exchange: { ...before.exchange, response } }
    }
    case 'items': {
      before.items.push(...part.items)
      const response = before.exchange.response
      const endedAt = part.items.at(-1)?.at
      return {
        ...before,
        unsafe,
        exchange: {
          ...before.exchange,
          ...(response && endedAt !== undefined && { response: { ...response, endedAt } }),
          stream: { kind: part.kind, items: before.items },
        },
      }
    }
  }
}
