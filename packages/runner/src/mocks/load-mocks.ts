import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

import {
  findMockFiles,
  indexMocks,
  readMappings,
  type CallContent,
  type IndexedMock,
  type InputIssue,
  type MockHead,
} from '@keploy-framework/format'
import type { RecordedCall } from '@keploy-framework/match'
import { isAnsweredKind, trackMocks, type MockContexts } from '@keploy-framework/wire'

import { checkLinks, type NamedDocument } from './check-links.ts'
import { DecodedDocuments, DocumentCalls, sourceOf } from './document-calls.ts'
import { knownByHead, knownOf, LazyCall } from './lazy-call.ts'
import { assetReader } from './read-asset.ts'
import { comparePlaces, placesOfFile, type RecordedPlace } from './recorded-order.ts'

/** Bytes of mocks up to which all are read at once, so that whatever is wrong with one is told before anything runs. */
const READ_AT_ONCE = 4 * 1024 * 1024

/** When a test was recorded, for mocks that no mapping names. */
export interface TestWindow {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly to: number
}

/** Something that a server said by itself. */
export interface RecordedPush {
  readonly call: RecordedCall
  /** The mock that has to be answered before; absent: the connection has to be there. */
  readonly after?: string
}

export interface LoadedMocks {
  /** In recorded order, wherever their documents stand. */
  readonly calls: readonly RecordedCall[]
  readonly pushes: readonly RecordedPush[]
  readonly issues: readonly InputIssue[]
  /** Documents that answer nobody here: of kinds that no codec reads. */
  readonly skipped: ReadonlyMap<string, number>
}

export interface LoadMocksOptions {
  /** Whether each call answers whoever asks, whichever test it was recorded for. Default: false. */
  readonly forAnyone?: boolean
  /** Told of documents that turn out to be damaged when they are needed. Such a call answers nobody. */
  readonly onLateIssue?: (issue: InputIssue) => void
  /** Bytes of mocks up to which all documents are read at once. Default: 4 MiB. */
  readonly readAtOnce?: number
}

/**
 * Finds the mocks of a set, ours and Keploy's. Of large sets only what says whose they are is read: documents follow when
 * they are candidates.
 */
export async function loadMocks(
  directory: string,
  windows: () => Promise<readonly TestWindow[]>,
  options: LoadMocksOptions = {},
): Promise<LoadedMocks> {
  const files = [...(await findMockFiles(directory)), join(directory, 'calls.yaml')]
  const { mappings, issues: mappingIssues } = await readMappings(directory)
  const issues: InputIssue[] = [...mappingIssues]
  const tests = new Map<string, string[]>()
  for (const [test, mocks] of mappings?.tests ?? []) {
    for (const { name } of mocks) tests.set(name, [...(tests.get(name) ?? []), test])
  }
  const wholly = (await sizeOf(files)) <= (options.readAtOnce ?? READ_AT_ONCE)
  const decoded = new DecodedDocuments((issue) => options.onLateIssue?.(issue), assetReader(directory))
  const found: { readonly place: RecordedPlace; readonly call: RecordedCall; readonly push?: RecordedPush }[] = []
  const skipped = new Map<string, number>()
  const named: NamedDocument[] = []
  let recorded: readonly TestWindow[] | undefined
  const ownersOf = (head: MockHead): readonly string[] =>
    options.forAnyone === true ? [] : (tests.get(head.name) ?? ownersByTime(head, recorded ?? []))
  for (const [number, file] of files.entries()) {
    const see = trackMocks()
    const placeOf = placesOfFile(number)
    const unread: { readonly place: RecordedPlace; readonly entry: IndexedMock; readonly head: MockHead }[] = []
    for await (const entry of indexMocks(file)) {
      const { head, issues: problems } = entry
      const missing = file.endsWith('calls.yaml') && problems.some(({ code }) => code === 'KEPLOY_FORMAT_READ')
      if (!missing) issues.push(...problems)
      if (head === undefined) continue
      const after = head.metadata.get('after')
      named.push({
        name: head.name,
        file: basename(file),
        line: () => entry.read().mock?.document.line,
        ...(after !== undefined && { after }),
      })
      if (!isAnsweredKind(head.kind)) {
        skipped.set(head.kind, (skipped.get(head.kind) ?? 0) + 1)
        continue
      }
      if (mappings === undefined && options.forAnyone !== true) recorded ??= await windows()
      const place = placeOf(head)
      const known = wholly ? undefined : knownByHead(entry)
      if (known === undefined) {
        unread.push({ place, entry, head })
        continue
      }
      const document = new DocumentCalls(entry, undefined, decoded)
      const owners = ownersOf(head)
      found.push({ place, call: new LazyCall(head, known, { name: head.name, tests: owners, document, index: 0 }) })
    }
    // What a document needs of others, those say that were recorded before it.
    for (const { place, entry, head } of unread.sort((a, b) => comparePlaces(a.place, b.place))) {
      const read = readNow(entry, see, decoded)
      issues.push(...read.issues)
      for (const [index, content] of read.calls.entries()) {
        const name = read.calls.length > 1 ? `${head.name}#${index + 1}` : head.name
        const { document } = read
        const call = new LazyCall(head, knownOf(head, content), { name, tests: ownersOf(head), document, index })
        const after = head.metadata.get('after')
        if (content.request !== null) found.push({ place, call })
        else found.push({ place, call, push: { call, ...(after !== undefined && { after }) } })
      }
    }
  }
  found.sort((a, b) => comparePlaces(a.place, b.place))
  const calls = found.flatMap(({ call, push }) => (push === undefined ? call : []))
  const pushes = found.flatMap(({ push }) => push ?? [])
  // Where a document could not be read, that others miss it says nothing new.
  issues.push(...checkLinks(named, mappings, { complete: issues.length === 0 }))
  return { calls, pushes, issues, skipped }
}

/** Reads a document whose head does not tell enough. */
function readNow(
  entry: IndexedMock,
  see: ReturnType<typeof trackMocks>,
  decoded: DecodedDocuments,
): {
  readonly document: DocumentCalls
  readonly calls: readonly CallContent[]
  readonly issues: readonly InputIssue[]
} {
  const { mock, issues } = entry.read()
  let contexts: MockContexts | undefined
  if (mock !== undefined) contexts = see(sourceOf(mock), mock.connectionId ?? '')
  const document = new DocumentCalls(entry, contexts, decoded)
  if (mock === undefined) return { document, calls: [], issues: entry.issues.length > 0 ? [] : issues }
  const content = document.take(mock)
  return 'issues' in content ? { document, calls: [], issues: content.issues } : { document, issues: [], ...content }
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function ownersByTime(head: MockHead, windows: readonly TestWindow[]): string[] {
  if (head.requestAt === 0) return []
  const owner = windows.find(({ from, to }) => head.requestAt >= from && head.requestAt <= to)
  return owner === undefined ? [] : [owner.name]
}
