import { basename, dirname } from 'node:path'

import type { InputIssue } from '@keploy-framework/format'
import { appendMocks } from '@keploy-framework/recorder'
import { findProtocol, oneLine } from '@keploy-framework/wire'

import type { PlannedSet } from '../plan/plan-run.ts'
import type { TestLibrary } from '../plan/test-library.ts'
import type { RunScope } from '../run/run-scope.ts'
import { loadMocks, type TestWindow } from './load-mocks.ts'
import { MockSession } from './mock-session.ts'

/** The recorded answers of a set while it is replayed. */
export interface SetMocks {
  readonly session: MockSession
  /** Adds what they came to to the run, and tells what nobody asked for. */
  finish(): Promise<void>
}

/** Unused calls that are named; more would hide the rest. */
const NAMED = 10

/** Loads the mocks of a set and puts them behind the relays; nothing where the real dependencies are used. */
export async function openSetMocks(
  set: PlannedSet,
  library: TestLibrary,
  scope: RunScope,
): Promise<SetMocks | undefined> {
  const dependencies = await scope.dependencies()
  if (dependencies === undefined) return undefined
  const { dependencies: options } = scope.options
  const report = ({ severity, code, message, file, line }: InputIssue): void => {
    const where = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`
    scope.notice(severity, code, `${oneLine(message, 1000)}${where}`)
    if (severity === 'error') scope.mocksFailed = true
  }
  const loaded = await loadMocks(set.source.directory, () => windowsOf(library), { onLateIssue: report })
  for (const issue of loaded.issues) report(issue)
  for (const [kind, count] of loaded.skipped) {
    scope.notice(
      'warning',
      'KEPLOY_MOCK_UNREAD',
      `${count === 1 ? '1 mock' : `${count} mocks`} of the kind ${oneLine(kind, 100)} answer nobody: ${whyUnread(kind)}.`,
    )
  }
  const records = new Map(set.source.secrets.map((record) => [record.number, record]))
  const session = new MockSession(loaded, {
    ...(options?.keepTiming !== undefined && { keepTiming: options.keepTiming }),
    ...(options?.mayRepeat !== undefined && { mayRepeat: options.mayRepeat }),
    describeSecret: (number) => `{{secret.${number}}} (${records.get(number)?.kind ?? 'secret'})`,
    onStray: ({ message }) => scope.notice('error', 'KEPLOY_MOCK_MISSED', message),
  })
  dependencies.use(session)
  return {
    session,
    async finish() {
      if (options?.recordMissing === true) {
        await dependencies.flush()
        await addMissing(set, session, scope)
        return
      }
      const { served, missed, strays } = session.stats
      scope.mocks.served += served
      scope.mocks.missed += missed
      if (strays.length > 0) scope.mocksFailed = true
      const ran = set.tests.filter(({ skip }) => !skip).map(({ name }) => name)
      const unused = session.unused(ran)
      scope.mocks.unused += unused.length
      if (unused.length === 0) return
      if (options?.strictUnused === true) scope.mocksFailed = true
      const level = options?.strictUnused === true ? 'error' : 'warning'
      const named = unused.slice(0, NAMED).map((call) => {
        const text = findProtocol(call.protocol)?.describe(call.request()) ?? call.operation
        const owners = call.tests.length === 0 ? '' : ` of ${call.tests.join(', ')}`
        // Names come from files: one line each, so that none passes for a line of somebody else.
        return oneLine(`${call.name} ${call.dependency} \`${text}\`${owners}`, 500)
      })
      const more = unused.length > NAMED ? `\nand ${unused.length - NAMED} more` : ''
      const count = unused.length === 1 ? '1 recorded call was' : `${unused.length} recorded calls were`
      scope.notice(level, 'KEPLOY_MOCK_UNUSED', `${count} not asked for:\n${named.join('\n')}${more}`)
    },
  }
}

/** Writes the calls that the recording did not have. */
async function addMissing(set: PlannedSet, { missing }: MockSession, scope: RunScope): Promise<void> {
  const { directory } = set.source
  const added = await appendMocks(missing.calls, missing.tests, {
    directory: dirname(directory),
    testSet: basename(directory),
  })
  const count = added === 1 ? '1 call was' : `${added} calls were`
  scope.notice('info', 'KEPLOY_MOCK_ADDED', `${count} added to the mocks of ${set.source.name}.`)
}

async function windowsOf(library: TestLibrary): Promise<readonly TestWindow[]> {
  await library.know()
  const windows: TestWindow[] = []
  for (let index = 0; index < library.tests.length; index++) {
    const { test } = await library.read(index)
    if (test !== undefined) windows.push({ name: test.name, from: test.request.timestamp, to: test.response.timestamp })
  }
  return windows
}

function whyUnread(kind: string): string {
  return kind === 'DNS' ? 'the system resolves names in a replay too' : 'this protocol is not replayed'
}
