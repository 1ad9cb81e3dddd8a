import { RecordingSession, type RecordingOptions } from './recording-session.ts'
import type { RecordingSummary } from './summary.ts'

/**
 * Records what `body` does against a service, and writes it as a test set. When `body` throws, no set is written, the
 * journal stays, and the error goes on.
 *
 * @example
 * const { tests } = await recordTests({ apiUrl: 'http://127.0.0.1:8000' }, async (session) => {
 *   await fetch(`${session.url}/api/v1/sessions`)
 * })
 */
export async function recordTests(
  runner: { readonly apiUrl: string },
  body: (session: RecordingSession) => Promise<void>,
  options: Omit<RecordingOptions, 'target'> = {},
): Promise<RecordingSummary> {
  const session = await RecordingSession.start({ ...options, target: runner.apiUrl })
  try {
    await body(session)
  } catch (error) {
    await session.abort()
    throw error
  }
  return session.finish()
}
