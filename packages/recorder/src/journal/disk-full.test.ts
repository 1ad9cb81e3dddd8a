import { existsSync, symlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { mountTiny, unmountTiny } from '../../test/tiny-disk.ts'
import type { RecorderError } from '../recorder-error.ts'
import type { JournalRecord } from './journal-record.ts'
import { openJournal } from './open-journal.ts'
import { readJournal } from './read-journal.ts'

const gap: JournalRecord = { type: 'gap', connection: 1, from: 'client', reason: 'x'.repeat(1000), at: 1 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'full-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('a full disk', () => {
  it('stops the journal, tells once, and leaves what was written readable', async (context) => {
    const reason = mountTiny(folder)
    if (reason !== undefined) context.skip(reason)
    try {
      const errors: RecorderError[] = []
      const file = join(folder, 'a.journal')
      const journal = openJournal(file, { onError: (error) => errors.push(error) })
      for (let i = 0; i < 200; i++) {
        journal.append(gap)
        journal.flush()
      }
      expect(errors.map((error) => error.code)).toEqual(['KEPLOY_JOURNAL_FULL'])
      expect(journal.failure).toBe(errors[0])
      const { records, lost } = journal.stats()
      expect(records + lost).toBe(200)
      expect(records).toBeGreaterThan(30)
      journal.close()
      const reader = readJournal(file)
      let found = 0
      for await (const { record } of reader) if (record.type === 'gap') found++
      expect(found).toBe(records)
      expect(reader.health.tornBytes).toBe(0)
    } finally {
      unmountTiny(folder)
    }
  })

  it('is told for a device that is always full', (context) => {
    if (!existsSync('/dev/full')) context.skip('this system has no /dev/full')
    const errors: RecorderError[] = []
    // The journal refuses files that exist, so the device cannot be opened through it by name.
    const file = join(folder, 'full.journal')
    symlinkSync('/dev/full', file)
    expect(() => openJournal(file)).toThrow(expect.objectContaining({ code: 'KEPLOY_JOURNAL_OPEN' }))
    const journal = openJournal(file, { onError: (error) => errors.push(error), flag: 'w' })
    journal.append(gap)
    journal.flush()
    journal.close()
    expect(errors.map((error) => error.code)).toEqual(['KEPLOY_JOURNAL_FULL'])
    expect(journal.stats()).toMatchObject({ records: 0, lost: 1 })
  })
})
