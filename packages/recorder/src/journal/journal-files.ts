import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { JournalMeta } from './journal-record.ts'
import { isOpenHere } from './open-journal.ts'
import { readJournal } from './read-journal.ts'

/** Where the journals of a folder of sets lie. */
export function journalDirectory(directory: string): string {
  return join(directory, '.journal')
}

/** A file name that no other recorder has: time, process, chance. */
export function journalName(now: Date, pid: number = process.pid): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').replace('.', '-')
  return `${time}-${pid}-${randomBytes(4).toString('hex')}.journal`
}

/** When a process started, as the system counts it; nothing where it does not tell. */
export function processStart(pid: number | 'self'): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the process may hold anything; fields are counted from behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** Whether a process of this number exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the recorder that wrote this journal is still at it. */
export function isBeingWritten(file: string, meta: JournalMeta): boolean {
  if (meta.pid === undefined) return false
  if (meta.pid === process.pid) return isOpenHere(file)
  if (!isAlive(meta.pid)) return false
  return meta.processStart === undefined || processStart(meta.pid) === meta.processStart
}

/** A journal that lies in a folder: a recording that goes on, or one that did not end as it should. */
export interface JournalFileInfo {
  readonly file: string
  readonly bytes: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly target?: string
  /** A living recorder writes it: leave it alone. */
  readonly inUse: boolean
}

/**
 * The journals of a folder of sets, oldest first.
 *
 * @example
 * for (const journal of await listJournals('keploy')) if (!journal.inUse) await recover(journal.file)
 */
export async function listJournals(directory: string): Promise<JournalFileInfo[]> {
  const folder = journalDirectory(directory)
  const names = await readdir(folder).catch(() => [])
  const found: JournalFileInfo[] = []
  for (const name of names.filter((name) => name.endsWith('.journal')).sort()) {
    const file = join(folder, name)
    const info = await stat(file).catch(() => undefined)
    if (!info?.isFile()) continue
    const meta = await readMeta(file)
    found.push({
      file,
      bytes: info.size,
      startedAt: meta.startedAt ?? info.birthtimeMs,
      ...(meta.target !== undefined && { target: meta.target }),
      inUse: isBeingWritten(file, meta),
    })
  }
  return found
}

/** What a journal says about its session; empty when it is damaged there. */
export async function readMeta(file: string): Promise<JournalMeta> {
  try {
    for await (const { record } of readJournal(file)) return record.type === 'meta' ? record.meta : {}
  } catch {
    // The caller tells about it when it reads the whole.
  }
  return {}
}
