import { join } from 'node:path'

import type { Call, SecretRecord } from '@keploy-framework/format'
import { createRedactor, type RedactorOptions } from '@keploy-framework/redact'

import { highestSecret, SetWriter } from '../write-set.ts'
import { redactCall } from './redact-call.ts'
import { writeMocks } from './write-mocks.ts'

export interface AppendMocksOptions {
  /** The folder of sets, and the set in it. */
  readonly directory: string
  readonly testSet: string
  readonly redact?: RedactorOptions
}

/**
 * Adds calls to the mocks of a set. Their `cause` counts tests: `tests` says which number is which.
 *
 * @throws {FormatError} when the set cannot be written
 * @example
 * const added = await appendMocks(calls, new Map([[1, 'get-users-1']]), { directory: 'keploy', testSet: 'test-set-0' })
 */
export async function appendMocks(
  calls: readonly Call[],
  tests: ReadonlyMap<number, string>,
  options: AppendMocksOptions,
): Promise<number> {
  const { directory, testSet } = options
  const firstNumber = (await highestSecret(join(directory, testSet))) + 1
  const redactor = createRedactor({ ...options.redact, firstNumber })
  // Twice, as a secret may stand in a call before the one that shows that it is a secret.
  for (const call of calls) redactCall(redactor, call)
  const writer = new SetWriter({ directory, name: testSet, existing: 'append' })
  const used = new Set<number>()
  const { counts } = await writeMocks(inOrder(calls), {
    writer,
    names: tests,
    clean: (call) => redactCall(redactor, call),
    used,
  })
  const secrets: SecretRecord[] = redactor.secrets().filter(({ number }) => used.has(number))
  await writer.finish(secrets, new Map(), undefined)
  return counts.mocks
}

async function* inOrder(calls: readonly Call[]): AsyncGenerator<Call> {
  yield* [...calls].sort((a, b) => a.startedAt - b.startedAt || a.id - b.id)
}
