import { randomBytes } from 'node:crypto'
import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

import { DEFAULT_FSYNC_INTERVAL_MS } from '../defaults.ts'
import { RecorderError } from '../recorder-error.ts'
import type { JournalRecord } from './journal-record.ts'
import { encodeFileHeader, encodeRecordHeader, MAX_RECORD, RECORD_HEADER } from './layout.ts'
import { splitRecord } from './record-codec.ts'

export interface JournalOptions {
  /**
   * When written records are forced to the disk. They survive the end of the process in any case; this is for the end
   * of the machine. `interval`: at most a second later. Default: `interval`.
   */
  readonly fsync?: 'never' | 'interval' | 'always'
  /** Default: 1000 milliseconds. */
  readonly fsyncIntervalMs?: number
  /** How the file is opened. Default: `wx`, which refuses one that exists. `w` is for devices and pipes. */
  readonly flag?: 'wx' | 'w'
  /** Called once, when the journal cannot be written any more. Nothing is written after that. */
  readonly onError?: (error: RecorderError) => void
}

/** A journal that is being written. */
export interface Journal extends Disposable {
  readonly file: string
  /** Adds a record to what the next `flush` writes. Gives false when it can't be kept (too long, or the journal failed). */
  append(record: JournalRecord): boolean
  /** Hands everything that was appended to the operating system, in one write. Never throws. */
  flush(): void
  /** What stopped the journal, if something did. */
  readonly failure: RecorderError | undefined
  stats(): { readonly records: number; readonly bytes: number; readonly lost: number }
  /** Flushes and closes the file. */
  close(): void
}

/** Journals that this process writes at the moment, by path. */
const openHere = new Set<string>()

export function isOpenHere(file: string): boolean {
  return openHere.has(file)
}

/** Buffers larger than this are not kept for the next turn. */
const KEPT_BUFFER = 1024 * 1024

/**
 * Opens a new journal; the file must not exist yet.
 *
 * @throws {RecorderError} `KEPLOY_JOURNAL_OPEN` when the file cannot be made
 * @example
 * using journal = openJournal('keploy/.journal/a.journal')
 * journal.append({ type: 'end', at: 0 })
 * journal.flush()
 */
export function openJournal(file: string, options: JournalOptions = {}): Journal {
  return new JournalFile(file, options)
}

class JournalFile implements Journal {
  readonly file: string
  readonly #fd: number
  readonly #marker: number
  readonly #onError: ((error: RecorderError) => void) | undefined
  readonly #sync: 'never' | 'interval' | 'always'
  #buffer = Buffer.allocUnsafe(64 * 1024)
  #used = 0
  #records = 0
  #bytes = 0
  #lost = 0
  #pending = 0
  #dirty = false
  #syncing = false
  #closed = false
  #timer: NodeJS.Timeout | undefined
  #failure: RecorderError | undefined

  constructor(file: string, options: JournalOptions) {
    this.file = file
    this.#onError = options.onError
    this.#sync = options.fsync ?? 'interval'
    try {
      mkdirSync(dirname(file), { recursive: true })
      this.#fd = openSync(file, options.flag ?? 'wx', 0o600)
    } catch (cause) {
      throw new RecorderError(
        'KEPLOY_JOURNAL_OPEN',
        `The journal ${file} cannot be made: ${(cause as Error).message}. Check that the folder can be written and has space.`,
        { cause },
      )
    }
    openHere.add(file)
    this.#marker = randomBytes(4).readUInt32LE(0) | 1
    this.#marker >>>= 0
    this.#write(encodeFileHeader(this.#marker))
    if (this.#sync === 'interval') {
      this.#timer = setInterval(() => this.#syncSoon(), options.fsyncIntervalMs ?? DEFAULT_FSYNC_INTERVAL_MS)
      this.#timer.unref()
    }
  }

  get failure(): RecorderError | undefined {
    return this.#failure
  }

  append(record: JournalRecord): boolean {
    if (this.#failure || this.#closed) {
      this.#lost++
      return false
    }
    const { head, bodies } = splitRecord(record)
    let bodyLength = 0
    for (const body of bodies) bodyLength += body.length
    // UTF-8 needs at most three bytes for one UTF-16 unit.
    const room = RECORD_HEADER + head.length * 3 + bodyLength
    if (room > MAX_RECORD) {
      this.#lost++
      return false
    }
    this.#reserve(room)
    const at = this.#used
    const headLength = this.#buffer.write(head, at + RECORD_HEADER, 'utf8')
    let end = at + RECORD_HEADER + headLength
    for (const body of bodies) {
      this.#buffer.set(body, end)
      end += body.length
    }
    encodeRecordHeader(this.#buffer, at, this.#marker, record.type, headLength, bodyLength)
    this.#used = end
    this.#pending++
    return true
  }

  flush(): void {
    if (this.#used === 0 || this.#failure || this.#closed) return
    const length = this.#used
    const records = this.#pending
    this.#used = 0
    this.#pending = 0
    if (this.#write(this.#buffer.subarray(0, length))) this.#records += records
    else this.#lost += records
    if (this.#buffer.length > KEPT_BUFFER) this.#buffer = Buffer.allocUnsafe(64 * 1024)
  }

  stats(): { records: number; bytes: number; lost: number } {
    return { records: this.#records, bytes: this.#bytes, lost: this.#lost }
  }

  close(): void {
    if (this.#closed) return
    this.flush()
    this.#closed = true
    clearInterval(this.#timer)
    openHere.delete(this.file)
    try {
      if (this.#sync !== 'never' && this.#dirty) fdatasyncSync(this.#fd)
    } catch {
      // Pipes and devices cannot be synced; what was written is with the system.
    }
    // An asynchronous sync may still use the descriptor; it closes it then.
    if (!this.#syncing) closeSync(this.#fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #reserve(room: number): void {
    if (this.#buffer.length - this.#used >= room) return
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + room))
    this.#buffer.copy(grown, 0, 0, this.#used)
    this.#buffer = grown
  }

  #write(bytes: Buffer): boolean {
    const start = this.#bytes
    let done = 0
    try {
      // A write may take less than it was given: the disk is nearly full, or a signal came.
      while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done)
      this.#bytes += done
      this.#dirty = true
      if (this.#sync === 'always') fdatasyncSync(this.#fd)
      return true
    } catch (cause) {
      this.#fail(cause as NodeJS.ErrnoException, start)
      return false
    }
  }

  #fail(cause: NodeJS.ErrnoException, start: number): void {
    try {
      // The piece of a record that was written goes, so that the file ends with a whole one.
      ftruncateSync(this.#fd, start)
      this.#bytes = start
    } catch {
      // A reader copes with a torn end.
    }
    const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT'
    this.#failure = new RecorderError(
      full ? 'KEPLOY_JOURNAL_FULL' : 'KEPLOY_JOURNAL_WRITE',
      `The journal ${this.file} cannot be written any more (${cause.message}): traffic flows on, but nothing is recorded from now on. What was written until now can be recovered. ${full ? 'Free some space' : 'Check the disk'} and record again.`,
      { cause },
    )
    this.#onError?.(this.#failure)
  }

  #syncSoon(): void {
    if (!this.#dirty || this.#syncing || this.#closed) return
    this.#dirty = false
    this.#syncing = true
    fdatasync(this.#fd, (error) => {
      this.#syncing = false
      if (this.#closed) closeSync(this.#fd)
      else if (error && error.code !== 'EINVAL') this.#fail(error, this.#bytes)
    })
  }
}
