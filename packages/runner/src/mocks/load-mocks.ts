import { join } from 'node:path'

import {
  findMockFiles,
  readMappings,
  readMocks,
  type CallContent,
  type InputIssue,
  type MockDocument,
  type Value,
  type YamlValue,
} from '@keploy-framework/format'
import type { RecordedCall } from '@keploy-framework/match'
import {
  decodeMockSource,
  findProtocol,
  isTree,
  isAnsweredKind,
  trackMocks,
  type MockSource,
} from '@keploy-framework/wire'

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
  readonly calls: readonly RecordedCall[]
  readonly pushes: readonly RecordedPush[]
  readonly issues: readonly InputIssue[]
  /** Documents that answer nobody here: of kinds that no codec reads. */
  readonly skipped: ReadonlyMap<string, number>
}

/** Reads the mocks of a set, ours and Keploy's. */
export async function loadMocks(
  directory: string,
  windows: () => Promise<readonly TestWindow[]>,
): Promise<LoadedMocks> {
  const files = [...(await findMockFiles(directory)), join(directory, 'calls.yaml')]
  const { mappings, issues: mappingIssues } = await readMappings(directory)
  const issues: InputIssue[] = [...mappingIssues]
  const tests = new Map<string, string[]>()
  for (const [test, mocks] of mappings?.tests ?? []) {
    for (const { name } of mocks) tests.set(name, [...(tests.get(name) ?? []), test])
  }
  const found: { readonly mock: MockDocument; readonly contents: readonly CallContent[] }[] = []
  const skipped = new Map<string, number>()
  for (const file of files) {
    const see = trackMocks()
    for await (const { mock, issues: problems } of readMocks(file)) {
      const missing = file.endsWith('calls.yaml') && problems.some(({ code }) => code === 'KEPLOY_FORMAT_READ')
      if (!missing) issues.push(...problems)
      if (mock === undefined) continue
      if (!isAnsweredKind(mock.kind)) {
        skipped.set(mock.kind, (skipped.get(mock.kind) ?? 0) + 1)
        continue
      }
      const source = sourceOf(mock)
      const contents = decodeMockSource(source, see(source, mock.connectionId ?? ''))
      if ('problem' in contents) issues.push(issueOf(mock, contents.problem))
      else found.push({ mock, contents: contents.calls })
    }
  }
  const recorded = mappings === undefined && found.length > 0 ? await windows() : []
  const calls: RecordedCall[] = []
  const pushes: RecordedPush[] = []
  for (const { mock, contents } of found) {
    const owners = mappings === undefined ? ownersByTime(mock, recorded) : (tests.get(mock.name) ?? [])
    for (const [index, content] of contents.entries()) {
      const call = recordedCall(mock, content, contents.length > 1 ? `${mock.name}#${index + 1}` : mock.name, owners)
      const after = mock.metadata.get('after')
      if (content.request === null) pushes.push({ call, ...(after !== undefined && { after }) })
      else calls.push(call)
    }
  }
  return { calls, pushes, issues, skipped }
}

function sourceOf(mock: MockDocument): MockSource {
  const spec = mock.spec as Readonly<Record<string, YamlValue>>
  return { kind: mock.kind, spec, metadata: Object.fromEntries(mock.metadata), lifetime: lifetimeOf(mock) }
}

function lifetimeOf(mock: MockDocument): CallContent['lifetime'] {
  // Ours say it in `type`; `lifetime` beside it is for Keploy.
  if (mock.metadata.has('dependency')) {
    const type = mock.metadata.get('type')
    return type === 'config' ? 'session' : type === 'connection' ? 'connection' : 'test'
  }
  return mock.lifetime === 'perTest' ? 'test' : mock.lifetime
}

function ownersByTime(mock: MockDocument, windows: readonly TestWindow[]): string[] {
  if (mock.requestAt === 0) return []
  const owner = windows.find(({ from, to }) => mock.requestAt >= from && mock.requestAt <= to)
  return owner === undefined ? [] : [owner.name]
}

function recordedCall(mock: MockDocument, content: CallContent, name: string, tests: readonly string[]): RecordedCall {
  const rules = findProtocol(content.protocol)?.match
  let key: Value | undefined
  // Ours tell everything; documents of others may not.
  const unrecorded = mock.metadata.has('dependency') ? [] : (rules?.unrecorded?.(content.request) ?? [])
  const ended = content.ended ?? mock.metadata.get('ended')
  return {
    name,
    dependency: mock.metadata.get('dependency') ?? content.protocol,
    connection: mock.connectionId ?? mock.metadata.get('connID') ?? '',
    protocol: content.protocol,
    operation: content.operation,
    lifetime: content.lifetime,
    tests: content.lifetime === 'test' ? tests : [],
    key: () => (key ??= without(rules?.key(content.request) ?? content.request, unrecorded)),
    ...(unrecorded.length > 0 && { unrecorded }),
    request: () => content.request,
    response: () => content.response,
    ...((ended === 'end' || ended === 'reset') && { ended }),
    ...(mock.requestAt > 0 && { at: mock.requestAt }),
  }
}

function issueOf(mock: MockDocument, problem: string): InputIssue {
  return {
    code: 'KEPLOY_MOCK_INVALID',
    severity: 'error',
    message: `The mock ${mock.name} (${mock.kind}) can't be used: ${problem}.`,
    path: 'spec',
    line: mock.document.line,
    ...(mock.document.file !== undefined && { file: mock.document.file }),
  }
}

function without(key: Value, fields: readonly string[]): Value {
  if (fields.length === 0 || !isTree(key)) return key
  return Object.fromEntries(Object.entries(key).filter(([name]) => !fields.includes(name)))
}
