import { rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'

import { compileJournal } from './compile-journal.ts'
import type { CompileOptions } from './compile/compile.ts'
import { isBeingWritten, readMeta } from './journal/journal-files.ts'
import { RecorderError } from './recorder-error.ts'
import type { RecordingSummary } from './summary.ts'
import { refuseExisting, type ExistingSet } from './write-set.ts'

export interface RecoverOptions extends CompileOptions {
  /** The folder of sets. Default: the folder above `.journal`. */
  readonly directory?: string
  /** Default: the name that the recording was given, if it is free, else the next free `test-set-N`. */
  readonly testSet?: string
  /** What happens when the set exists. Default: `refuse`. */
  readonly existing?: ExistingSet
  /** Leave the journal where it is. Default: false; it goes when the set is written. */
  readonly keepJournal?: boolean
}

/**
 * Makes a test set of the journal of a recording that did not end as it should. Every exchange that was complete
 * becomes a test; open ones are counted.
 *
 * @throws {RecorderError} `KEPLOY_JOURNAL_IN_USE`, `KEPLOY_JOURNAL_READ`, `KEPLOY_RECORD_EXISTS`, `KEPLOY_RECORD_WRITE`,
 *   `KEPLOY_RECORD_FILTER`
 * @example
 * const { set, tests, open } = await recover('keploy/.journal/20260101T120000-000Z-1-ab.journal')
 */
export async function recover(journalFile: string, options: RecoverOptions = {}): Promise<RecordingSummary> {
  const meta = await readMeta(journalFile)
  if (isBeingWritten(journalFile, meta)) {
    throw new RecorderError(
      'KEPLOY_JOURNAL_IN_USE',
      `The journal ${journalFile} is being written by process ${meta.pid}. Stop that recording first; it will write its tests itself.`,
    )
  }
  const directory = options.directory ?? dirname(dirname(journalFile))
  const existing = options.existing ?? 'refuse'
  let { testSet } = options
  if (testSet !== undefined && existing === 'refuse') await refuseExisting(directory, testSet)
  if (testSet === undefined && meta.testSet !== undefined) {
    const free = await refuseExisting(directory, meta.testSet).then(
      () => true,
      () => false,
    )
    if (free) testSet = meta.testSet
  }
  const summary = await compileJournal(journalFile, {
    ...options,
    directory,
    existing,
    ...(testSet !== undefined && { testSet }),
  })
  if (options.keepJournal !== true) await removeJournal(journalFile)
  return summary
}

/** Removes a journal, and its folder when nothing else lies there. */
export async function removeJournal(file: string): Promise<void> {
  await rm(file, { force: true })
  await rmdir(dirname(file)).catch(() => {})
}
