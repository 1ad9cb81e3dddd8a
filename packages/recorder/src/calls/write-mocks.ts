import { access } from 'node:fs/promises'
import { join } from 'node:path'

import {
  formatMappings,
  formatMock,
  formatTimestamp,
  readMappings,
  readMocks,
  takeAssets,
  writeAtomically,
  type Call,
  type MappedMock,
  type MockKind,
} from '@keploy-framework/format'
import { findPlaceholders } from '@keploy-framework/redact'
import { findProtocol } from '@keploy-framework/wire'

import type { SetWriter } from '../write-set.ts'
import { MockFiles } from './mock-files.ts'

/** What Keploy reads, and what only we do. */
const MOCKS = 'mocks.yaml'
const CALLS = 'calls.yaml'

const NONE: ReadonlyMap<string, Uint8Array> = new Map()

export interface WriteMocksOptions {
  readonly writer: SetWriter
  /** Names of tests by the ids of their exchanges. */
  readonly names: ReadonlyMap<number, string>
  /** Takes the secrets out that are still in a call. */
  readonly clean: (call: Call) => { readonly value: Call; readonly unsafe: boolean }
  /** Numbers of secrets that stand in the set; added to. */
  readonly used: Set<number>
}

export interface WrittenMocks {
  readonly counts: {
    readonly mocks: number
    readonly known: number
    readonly certain: number
    readonly ambiguous: number
    readonly none: number
    readonly leftOut: number
  }
  readonly warnings: readonly string[]
}

/**
 * Writes calls as mocks of a set, in the order in which they began, and which test used which. Where that fails, of a full
 * disk for example, the mocks of the set are what they were before.
 */
export async function writeMocks(calls: AsyncIterable<Call>, options: WriteMocksOptions): Promise<WrittenMocks> {
  const { writer, names, used } = options
  const counts = { mocks: 0, known: 0, certain: 0, ambiguous: 0, none: 0, leftOut: 0 }
  const folder = await writer.folder()
  const files = new MockFiles(folder)
  const known = (await readMappings(folder)).mappings?.tests ?? new Map<string, readonly MappedMock[]>()
  const mapped = new Map([...known].map(([test, mocks]) => [test, [...mocks]]))
  let next = await firstNumber(folder)
  /** The mock of the request that began last; what a server says by itself comes of it, or of one before. */
  let latest: string | undefined
  try {
    for await (const journalled of calls) {
      const swept = options.clean(journalled)
      const call = swept.value
      const protocol = findProtocol(call.protocol)
      // An answer that never came whole can't be given again.
      if (protocol === undefined || swept.unsafe || call.state === 'open') {
        counts.leftOut++
        continue
      }
      const name = `mock-${next++}`
      const tests = testsOf(call, names)
      const { kind, spec: whole, metadata } = protocol.mocks.encode(call)
      // Keploy knows no files beside mocks, so only documents of our own kind may have some.
      const { spec, files: assets } = kind === 'Call' ? takeAssets(name, whole) : { spec: whole, files: NONE }
      for (const [path, bytes] of assets) {
        for (const number of findPlaceholders(Buffer.from(bytes).toString('utf8'))) used.add(number)
        await files.addAsset(path, bytes)
        writer.added(path)
      }
      const text = formatMock({
        kind,
        name,
        metadata: { ...metadataOf(call, tests.length > 0, latest), ...metadata },
        spec,
        requestAt: call.startedAt,
        responseAt: call.endedAt,
        ...(call.lifetime === 'connection' && { connectionId: String(call.connection) }),
      })
      for (const number of findPlaceholders(text)) used.add(number)
      await files.add(kind === 'Call' ? CALLS : MOCKS, text)
      if (isAsked(call)) latest = name
      counts.mocks++
      counts[call.cause?.certainty ?? 'none']++
      for (const test of tests) {
        const list = mapped.get(test) ?? []
        mapped.set(test, list)
        list.push(entryOf(name, kind, call))
      }
    }
    await files.flush()
    if (mapped.size > 0) {
      await writeAtomically(join(folder, 'mappings.yaml'), formatMappings({ testSetId: writer.setName, tests: mapped }))
    }
  } catch (error) {
    await files.undo()
    throw error
  } finally {
    await files.close()
  }
  for (const file of files.written) writer.added(file)
  if (mapped.size > 0) writer.added('mappings.yaml')
  const warnings =
    counts.leftOut === 0
      ? []
      : [
          `${counts.leftOut} calls to dependencies could not be kept: their answers were not whole, or may hold secrets.`,
        ]
  return { counts, warnings }
}

function testsOf(call: Call, names: ReadonlyMap<number, string>): string[] {
  if (call.cause === undefined || call.lifetime !== 'test') return []
  return (call.cause.among ?? [call.cause.exchange]).flatMap((id) => names.get(id) ?? [])
}

/** Whether a call is one that a server may say something after; who waits for news only hears it. */
function isAsked(call: Call): boolean {
  return (
    call.request !== null &&
    call.lifetime === 'test' &&
    findProtocol(call.protocol)?.match.idle?.(call.request) === undefined
  )
}

function metadataOf(call: Call, mapped: boolean, after: string | undefined): Record<string, string> {
  const type = call.lifetime === 'session' ? 'config' : call.lifetime === 'connection' ? 'connection' : 'mocks'
  const ended = call.ended ?? (call.state === 'aborted' ? 'reset' : undefined)
  return {
    type,
    connID: String(call.connection),
    dependency: call.dependency,
    operation: call.operation,
    ...(call.lifetime === 'test' && !mapped && { lifetime: 'session' }),
    ...(call.cause !== undefined && { attribution: call.cause.certainty }),
    ...(ended !== undefined && { ended }),
    ...(call.request === null && after !== undefined && { after }),
  }
}

function entryOf(name: string, kind: MockKind, call: Call): MappedMock {
  return {
    name,
    kind,
    timestamp: Math.floor(call.startedAt / 1000),
    requestTimestamp: formatTimestamp(call.startedAt),
    responseTimestamp: formatTimestamp(call.endedAt),
  }
}

/** The number after the highest that a mock of the set has. */
async function firstNumber(folder: string): Promise<number> {
  let highest = -1
  for (const file of [MOCKS, CALLS]) {
    const exists = await access(join(folder, file)).then(
      () => true,
      () => false,
    )
    if (!exists) continue
    for await (const { mock } of readMocks(join(folder, file))) {
      highest = Math.max(highest, Number(/^mock-(\d+)$/.exec(mock?.name ?? '')?.[1] ?? -1))
    }
  }
  return highest + 1
}
