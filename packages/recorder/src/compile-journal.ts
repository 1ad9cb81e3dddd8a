import { join } from 'node:path'

import type { Call, HttpExchange, SecretRecord, TestCase } from '@keploy-framework/format'
import { planBindings } from '@keploy-framework/match'
import { findPlaceholders, type Redactor, type SecretInfo } from '@keploy-framework/redact'

import { causesByValue } from './calls/value-flow.ts'
import { writeMocks, type WrittenMocks } from './calls/write-mocks.ts'
import { Compiler, type CompileOptions } from './compile/compile.ts'
import { indexJournal } from './journal/journal-index.ts'
import { RecorderError } from './recorder-error.ts'
import { NOT_REDACTED, type RecordingSummary } from './summary.ts'
import { sweepCall, sweepExchange } from './sweep.ts'
import { testTexts } from './test-texts.ts'
import { SetWriter, testNames, type ExistingSet } from './write-set.ts'

export interface CompileJournalOptions extends CompileOptions {
  /** The folder of sets. */
  readonly directory: string
  readonly testSet?: string
  readonly existing: ExistingSet
  /** The redactor of the session, when it still lives. */
  readonly redactor?: Redactor
  readonly saveSecrets?: boolean
}

/** Bindings are described for sets up to this size; a replay plans them for any. */
const DESCRIBED_TESTS = 1000

/** Makes a test set of a journal: reads it twice, and holds only a few tests at a time. */
export async function compileJournal(file: string, options: CompileJournalOptions): Promise<RecordingSummary> {
  const index = await indexJournal(file)
  const { directory, testSet, existing, redactor } = options
  const taken = testSet !== undefined && existing === 'append' ? await testNames(join(directory, testSet)) : []
  const compiler = new Compiler({ ...options, taken })
  const writer = new SetWriter({ directory, existing, ...(testSet !== undefined && { name: testSet }) })
  const used = new Set<number>()
  const secrets = redactor && redactor.secretCount > 0 ? redactor.secrets() : index.secrets
  const mentioned = exchangesOf(secrets)
  const names = new Map<number, string>()
  let described: TestCase[] | undefined = []
  let open = 0
  try {
    for await (const { exchange, notes } of index.exchanges()) {
      if (exchange.state === 'open') open++
      const swept = redactor ? sweepExchange(redactor, exchange) : { value: exchange, notes: undefined }
      const compiled = compiler.add(swept.value, { unsafe: notes.unsafe === true || swept.notes?.unsafe === true })
      if (!('test' in compiled)) continue
      const { test, curl } = compiled
      if (index.callCount > 0 || mentioned.has(exchange.id)) names.set(exchange.id, test.name)
      for (const text of testTexts(test)) for (const number of findPlaceholders(text)) used.add(number)
      if (described && described.push(test) > DESCRIBED_TESTS) described = undefined
      await writer.add({ test, curl })
    }
    const bindings = described ? describeBindings(described) : []
    const warnings = warningsOf(index, redactor?.enabled === false || index.meta.redacted === false)
    if (compiler.tests === 0 && index.callCount === 0) {
      await writer.discard()
      if (index.count > 0) warnings.push('No exchange became a test; see what was skipped, and why.')
      return {
        set: '',
        directory,
        tests: 0,
        files: [],
        skipped: compiler.skipped,
        gaps: index.gaps,
        secrets: 0,
        open,
        warnings,
        bindings,
        calls: NO_CALLS,
      }
    }
    const mocks = await writeMocks(await withCauses(index), {
      writer,
      names,
      clean: (call) => (redactor ? sweepCall(redactor, call) : { value: call, unsafe: false }),
      used,
    })
    for (const warning of mocks.warnings) warnings.push(warning)
    const records = secretRecords(secrets, used, names)
    const values = options.saveSecrets === true && redactor ? secretValues(redactor, used) : undefined
    if (values && values.size > 0) {
      warnings.push(
        `The real values of ${values.size} secrets stand in secret.yaml of the set; it is git-ignored, and must stay on this machine.`,
      )
    }
    const sidecar = new Map<string, unknown>(bindings.length > 0 ? [['bindings', bindings]] : [])
    const written = await writer.finish(records, sidecar, values)
    return {
      set: written.name,
      directory: written.directory,
      tests: compiler.tests,
      files: written.files,
      calls: mocks.counts,
      skipped: compiler.skipped,
      gaps: index.gaps,
      secrets: records.length,
      open,
      warnings,
      bindings,
    }
  } catch (cause) {
    await writer.discard().catch(() => {})
    if (cause instanceof RecorderError) throw cause
    throw new RecorderError(
      'KEPLOY_RECORD_WRITE',
      `The tests cannot be written to ${directory}: ${(cause as Error).message}. Nothing is lost: the journal ${file} stays; recover it when the cause is gone.`,
      { cause },
    )
  }
}

/** The calls of a journal; those that several requests may have made go to the one that a value tells. */
async function withCauses(index: Awaited<ReturnType<typeof indexJournal>>): Promise<AsyncGenerator<Call>> {
  if (!index.ambiguous) return index.calls()
  async function* exchanges(): AsyncGenerator<HttpExchange> {
    for await (const { exchange } of index.exchanges()) yield exchange
  }
  const found = await causesByValue(exchanges(), index.calls())
  async function* calls(): AsyncGenerator<Call> {
    for await (const call of index.calls()) {
      const exchange = found.get(call.id)
      yield exchange === undefined ? call : { ...call, cause: { exchange, certainty: 'certain' } }
    }
  }
  return calls()
}

const NO_CALLS: WrittenMocks['counts'] = { mocks: 0, known: 0, certain: 0, ambiguous: 0, none: 0, leftOut: 0 }

/** How the place of a secret begins while its exchange has no name. */
const PLACE = /^(request|response) of exchange (\d+) ?/

function exchangesOf(secrets: readonly SecretInfo[]): Set<number> {
  return new Set(secrets.map((secret) => Number(PLACE.exec(secret.firstSeen)?.[2] ?? 0)))
}

function secretRecords(
  secrets: readonly SecretInfo[],
  used: ReadonlySet<number>,
  names: ReadonlyMap<number, string>,
): SecretRecord[] {
  return secrets
    .filter((secret) => used.has(secret.number))
    .map((secret) => ({
      ...secret,
      firstSeen: secret.firstSeen.replace(PLACE, (_all, side: string, id: string) => {
        const name = names.get(Number(id))
        return name === undefined ? `${side} of a request that is no test, ` : `${side} of ${name}, `
      }),
    }))
}

function secretValues(redactor: Redactor, used: ReadonlySet<number>): Map<number, string> {
  const values = new Map<number, string>()
  for (const number of [...used].sort((a, b) => a - b)) {
    const value = redactor.value(number)
    if (value !== undefined) values.set(number, value)
  }
  return values
}

function describeBindings(tests: readonly TestCase[]): string[] {
  return [...planBindings(tests).values.values()]
    .filter((value) => value.consumers.length > 0)
    .map(
      (value) =>
        `${value.form} from ${value.producer.test} ${value.producer.where} used by ${value.consumers.join(', ')}`,
    )
}

function warningsOf(index: Awaited<ReturnType<typeof indexJournal>>, plain: boolean): string[] {
  const warnings: string[] = []
  const { health } = index
  if (plain) warnings.push(NOT_REDACTED)
  if (health.tornBytes > 0) {
    warnings.push(
      `The last ${health.tornBytes} bytes of the journal hold no whole record, as a killed recorder leaves them; they are left out.`,
    )
  }
  if (health.damaged > 0) {
    warnings.push(
      `The journal is damaged in ${health.damaged} places (${health.skippedBytes} bytes); what stood there is lost.`,
    )
  }
  if (index.gaps > 0) {
    const what = index.gaps === 1 ? '1 stretch of traffic' : `${index.gaps} stretches of traffic`
    const reasons = [...index.gapReasons].map(([reason, count]) => (count > 1 ? `${reason} (${count} times)` : reason))
    warnings.push(
      `${what} could not be read as HTTP, or did not reach the service; no test has it. Why: ${reasons.join('; ')}.`,
    )
  }
  return warnings
}
