import { join } from 'node:path'

import { assertSetName } from '@keploy-framework/format'
import type { ConnectionHandler } from '@keploy-framework/intercept'
import { createRedactor, type Redactor, type RedactorOptions } from '@keploy-framework/redact'

import { compileJournal } from '../compile-journal.ts'
import { DEFAULT_DIRECTORY } from '../defaults.ts'
import { EventWriter } from '../event-writer.ts'
import { journalDirectory, journalName, processStart } from '../journal/journal-files.ts'
import { openJournal } from '../journal/open-journal.ts'
import type { RecorderError } from '../recorder-error.ts'
import { removeJournal } from '../recover.ts'
import type { RecordingSummary } from '../summary.ts'
import { highestSecret, refuseExisting, type ExistingSet } from '../write-set.ts'
import { CallRecorder } from './call-recorder.ts'
import { redactCall } from './redact-call.ts'

export interface RecordCallsOptions {
  /** The folder of sets. Default: `keploy`. */
  readonly directory?: string
  readonly testSet: string
  /** What happens when the set exists. Default: `refuse`. */
  readonly existing?: ExistingSet
  readonly redact?: RedactorOptions
  readonly saveSecrets?: boolean
  /** Told of traffic that could not be read, with the reason. */
  readonly onGap?: (reason: string) => void
  /** Told what a person should know of what is recorded all the same, such as a dependency that is not what its setting says. */
  readonly onNotice?: (notice: string) => void
  /** Told once when nothing more can be written, of a full disk for example. Calls go through all the same. */
  readonly onError?: (error: RecorderError) => void
}

/** A recording of calls to dependencies, with no tests around them. */
export interface CallRecording {
  readonly handler: ConnectionHandler
  readonly redactor: Redactor
  readonly calls: number
  /** Writes the mocks. */
  finish(): Promise<RecordingSummary>
  /** Ends it and leaves nothing. */
  discard(): Promise<void>
}

/**
 * Starts a recording of what a program asks its dependencies, for example somebody's own test runner.
 *
 * @throws {RecorderError} `KEPLOY_RECORD_EXISTS`, `KEPLOY_JOURNAL_OPEN`
 * @throws {FormatError} `KEPLOY_FORMAT_SET_NAME`
 * @example
 * const recording = await recordCalls({ testSet: 'mocks' })
 */
export async function recordCalls(options: RecordCallsOptions): Promise<CallRecording> {
  const { testSet, existing = 'refuse', directory = DEFAULT_DIRECTORY } = options
  assertSetName(testSet)
  if (existing === 'refuse') await refuseExisting(directory, testSet)
  const firstNumber = existing === 'append' ? (await highestSecret(join(directory, testSet))) + 1 : 1
  const redactor = createRedactor({ ...options.redact, firstNumber })
  const journal = openJournal(join(journalDirectory(directory), journalName(new Date())), {
    ...(options.onError !== undefined && { onError: options.onError }),
  })
  const start = processStart('self')
  const meta = { pid: process.pid, startedAt: Date.now(), testSet, redacted: redactor.enabled }
  journal.append({ type: 'meta', meta: { ...meta, ...(start !== undefined && { processStart: start }) } })
  journal.flush()
  const writer = new EventWriter(journal, redactor)
  let waiting = false
  const calls = new CallRecorder({
    causeOf: () => undefined,
    onCall(call) {
      const { value, unsafe } = redactCall(redactor, call)
      writer.writeCall(unsafe ? { ...value, state: 'open' } : value)
      // One write for all calls of a turn.
      if (waiting) return
      waiting = true
      setImmediate(() => {
        waiting = false
        writer.flush()
      })
    },
    onNotice: (notice) => options.onNotice?.(redactor.text(notice, 'gap')),
    onGap(_dependency, reason, at) {
      writer.write({ type: 'gap', connection: 0, from: 'server', reason, at })
      options.onGap?.(redactor.text(reason, 'gap'))
    },
  })
  return {
    handler: calls.handler,
    redactor,
    get calls() {
      return calls.stats().calls
    },
    async finish() {
      calls.stop()
      writer.stop()
      journal.append({ type: 'end', at: Date.now() })
      journal.close()
      const saveSecrets = options.saveSecrets ?? false
      const summary = await compileJournal(journal.file, { directory, testSet, existing, redactor, saveSecrets })
      await removeJournal(journal.file)
      return summary
    },
    async discard() {
      calls.stop()
      writer.stop()
      journal.close()
      await removeJournal(journal.file)
    },
  }
}
