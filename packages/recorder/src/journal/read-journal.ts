import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import { RecorderError } from '../recorder-error.ts'
import type { JournalRecord } from './journal-record.ts'
import { decodeFileHeader, decodeRecordHeader, FILE_HEADER, RECORD_HEADER } from './layout.ts'
import { joinRecord } from './record-codec.ts'

/** A record, and where it lies in the file. */
export interface PlacedRecord {
  readonly record: JournalRecord
  readonly offset: number
  /** Bytes, header included. */
  readonly length: number
}

/** What reading a journal came upon; complete when the iteration is. */
export interface JournalHealth {
  records: number
  /** Bytes at the end that are no whole record: the recorder was killed while writing, or the disk was full. */
  tornBytes: number
  /** Damaged places in the middle, and the bytes that were skipped for them. */
  damaged: number
  skippedBytes: number
}

export interface JournalReader extends AsyncIterable<PlacedRecord> {
  readonly health: JournalHealth
}

const CHUNK = 256 * 1024

/**
 * Reads a journal record by record, in constant memory. Stops at a torn end; a damaged record in the middle is skipped
 * and counted.
 *
 * @throws {RecorderError} `KEPLOY_JOURNAL_READ` while iterating, when the file cannot be read or is no journal
 * @example
 * const journal = readJournal('keploy/.journal/a.journal')
 * for await (const { record } of journal) console.log(record.type)
 * journal.health.tornBytes // 0
 */
export function readJournal(file: string): JournalReader {
  const health: JournalHealth = { records: 0, tornBytes: 0, damaged: 0, skippedBytes: 0 }
  return { health, [Symbol.asyncIterator]: () => records(file, health) }
}

async function openToRead(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (cause) {
    throw new RecorderError(
      'KEPLOY_JOURNAL_READ',
      `The journal ${file} cannot be read: ${(cause as Error).message}. Give the path of a file under .journal/.`,
      { cause },
    )
  }
}

/** A window on the file that moves forward only. */
class Window {
  readonly #file: FileHandle
  #buffer: Buffer = Buffer.alloc(0)
  /** Where the window starts in the file. */
  offset = 0
  #position = 0
  ended = false

  constructor(file: FileHandle) {
    this.#file = file
  }

  get bytes(): Buffer {
    return this.#buffer
  }

  /** Makes `count` bytes available, if the file has them. */
  async need(count: number): Promise<boolean> {
    while (this.#buffer.length < count && !this.ended) {
      const chunk = Buffer.allocUnsafe(Math.max(CHUNK, count - this.#buffer.length))
      const { bytesRead } = await this.#file.read(chunk, 0, chunk.length, this.#position)
      if (bytesRead === 0) this.ended = true
      this.#position += bytesRead
      const rest = chunk.subarray(0, bytesRead)
      this.#buffer = this.#buffer.length === 0 ? rest : Buffer.concat([this.#buffer, rest])
    }
    return this.#buffer.length >= count
  }

  skip(count: number): void {
    this.offset += count
    this.#buffer = this.#buffer.subarray(count)
  }
}

async function* records(path: string, health: JournalHealth): AsyncGenerator<PlacedRecord> {
  const file = await openToRead(path)
  try {
    yield* recordsOf(path, new Window(file), health)
  } finally {
    await file.close()
  }
}

async function* recordsOf(path: string, window: Window, health: JournalHealth): AsyncGenerator<PlacedRecord> {
  await window.need(FILE_HEADER)
  const { marker: written, signed } = decodeFileHeader(window.bytes.subarray(0, FILE_HEADER))
  let marker = written
  if (!signed || marker === undefined) {
    // A damaged header can be done without when the first record proves the marker.
    await window.need(FILE_HEADER + RECORD_HEADER)
    const first = decodeRecordHeader(window.bytes, FILE_HEADER, undefined)
    if (first) marker = window.bytes.readUInt32LE(FILE_HEADER)
    else if (!signed && window.bytes.length >= FILE_HEADER) {
      throw new RecorderError(
        'KEPLOY_JOURNAL_READ',
        `${path} is no journal, or its beginning is damaged beyond repair.`,
      )
    }
  }
  if (marker === undefined) {
    health.tornBytes = window.bytes.length
    return
  }
  if (!signed || written === undefined) health.damaged++
  window.skip(FILE_HEADER)
  const sought = Buffer.alloc(4)
  sought.writeUInt32LE(marker)
  /** Bytes since the last good record. */
  let lost = 0
  for (;;) {
    await window.need(RECORD_HEADER)
    if (window.bytes.length === 0) break
    const placed = await readHere(window, marker)
    if (placed) {
      if (lost > 0) {
        health.damaged++
        health.skippedBytes += lost
        lost = 0
      }
      health.records++
      window.skip(placed.length)
      yield placed
      continue
    }
    // Go on at the next place that has the marker.
    const next = window.bytes.indexOf(sought, 1)
    const step = next === -1 ? Math.max(1, window.bytes.length - (window.ended ? 0 : 3)) : next
    lost += step
    window.skip(step)
  }
  health.tornBytes = lost
}

async function readHere(window: Window, marker: number): Promise<PlacedRecord | undefined> {
  const header = decodeRecordHeader(window.bytes, 0, marker)
  if (!header) return undefined
  const length = RECORD_HEADER + header.headLength + header.bodyLength
  if (!(await window.need(length))) return undefined
  const record = decodeRecord(window.bytes.subarray(0, length), header)
  return record && { record, offset: window.offset, length }
}

function decodeRecord(bytes: Buffer, header: { headLength: number; crc: number }): JournalRecord | undefined {
  if (crc32(bytes.subarray(RECORD_HEADER)) !== header.crc) return undefined
  const bodyAt = RECORD_HEADER + header.headLength
  try {
    return joinRecord(bytes.toString('utf8', RECORD_HEADER, bodyAt), bytes.subarray(bodyAt))
  } catch {
    return undefined
  }
}

/** Reads one record again, at a place that {@link readJournal} told. */
export async function readRecordAt(
  file: FileHandle,
  offset: number,
  length: number,
): Promise<JournalRecord | undefined> {
  const bytes = Buffer.allocUnsafe(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  const header = bytesRead === length ? decodeRecordHeader(bytes, 0, undefined) : undefined
  return header && decodeRecord(bytes, header)
}
