import {
  fillAssets,
  type CallContent,
  type IndexedMock,
  type InputIssue,
  type MockDocument,
  type Value,
  type YamlValue,
} from '@keploy-framework/format'
import {
  decodeMockSource,
  findProtocol,
  isTree,
  oneLine,
  type MockContexts,
  type MockSource,
} from '@keploy-framework/wire'

/** Bytes of documents that stay decoded; what is beyond is decoded again when it is asked for. */
const KEPT = 16 * 1024 * 1024

/** One call of a document with what of it is compared. */
interface DecodedCall {
  readonly content: CallContent
  key: Value | undefined
}

type DecodedDocument = { readonly calls: readonly CallContent[] } | { readonly issues: readonly InputIssue[] }

/** The documents that were read last. */
export class DecodedDocuments {
  readonly #calls = new Map<DocumentCalls, readonly DecodedCall[]>()
  readonly #onProblem: (issue: InputIssue) => void
  #size = 0

  /** The bytes of a file of the set that holds a long value. */
  readonly readAsset: (path: string) => Uint8Array | undefined

  constructor(onProblem: (issue: InputIssue) => void, readAsset: (path: string) => Uint8Array | undefined) {
    this.readAsset = readAsset
    this.#onProblem = onProblem
  }

  of(document: DocumentCalls): readonly DecodedCall[] {
    const known = this.#calls.get(document)
    if (known !== undefined) {
      // Order matters only where something has to go.
      if (this.#size > KEPT / 2) {
        this.#calls.delete(document)
        this.#calls.set(document, known)
      }
      return known
    }
    const decoded = document.decode()
    if ('issues' in decoded) for (const issue of decoded.issues) this.#onProblem(issue)
    return this.keep(document, 'issues' in decoded ? [] : decoded.calls)
  }

  /** Keeps what a document was decoded to, and lets go of what was not asked for since longest. */
  keep(document: DocumentCalls, contents: readonly CallContent[]): readonly DecodedCall[] {
    const calls = contents.map((content) => ({ content, key: undefined }))
    this.#calls.set(document, calls)
    this.#size += document.size
    for (const oldest of this.#calls.keys()) {
      if (this.#size <= KEPT || oldest === document) break
      this.#calls.delete(oldest)
      this.#size -= oldest.size
    }
    return calls
  }
}

/** The calls of one document, decoded when they are needed. */
export class DocumentCalls {
  readonly size: number
  readonly #read: IndexedMock['read']
  readonly #contexts: MockContexts | undefined
  readonly #decoded: DecodedDocuments

  constructor(entry: IndexedMock, contexts: MockContexts | undefined, decoded: DecodedDocuments) {
    this.size = entry.size
    this.#read = entry.read
    this.#contexts = contexts
    this.#decoded = decoded
  }

  /** Reads the document anew. */
  decode(): DecodedDocument {
    const { mock, issues } = this.#read()
    return mock === undefined ? { issues } : this.#decode(mock)
  }

  /** The calls of the document, which somebody read already. */
  take(mock: MockDocument): DecodedDocument {
    const decoded = this.#decode(mock)
    if ('calls' in decoded) this.#decoded.keep(this, decoded.calls)
    return decoded
  }

  #decode(mock: MockDocument): DecodedDocument {
    if (Object.keys(mock.spec).length === 0) return { issues: [issueOf(mock, 'it has no spec')] }
    const source = sourceOf(mock)
    const filled = mock.kind === 'Call' ? fillAssets(source.spec, this.#decoded.readAsset) : source
    if ('problem' in filled) return { issues: [issueOf(mock, filled.problem)] }
    const decoded = decodeMockSource({ ...source, spec: filled.spec }, this.#contexts)
    return 'calls' in decoded ? decoded : { issues: [issueOf(mock, decoded.problem)] }
  }

  content(index: number): CallContent | undefined {
    return this.#decoded.of(this)[index]?.content
  }

  /** What of the request is compared, without the fields that the document does not tell. */
  key(index: number, unrecorded: readonly string[]): Value {
    const call = this.#decoded.of(this)[index]
    // Equal to nothing that anybody asks.
    if (call === undefined) return '\u0000'
    const { protocol, request } = call.content
    return (call.key ??= without(findProtocol(protocol)?.match.key(request) ?? request, unrecorded))
  }
}

/** A document as its codec gets it. */
export function sourceOf(mock: MockDocument): MockSource {
  const spec = mock.spec as Readonly<Record<string, YamlValue>>
  return { kind: mock.kind, spec, metadata: Object.fromEntries(mock.metadata), lifetime: lifetimeOf(mock) }
}

/** For how long the calls of a document count. */
export function lifetimeOf(mock: Pick<MockDocument, 'metadata' | 'lifetime'>): CallContent['lifetime'] {
  // Ours say it in `type`; `lifetime` beside it is for Keploy.
  if (mock.metadata.has('dependency')) {
    const type = mock.metadata.get('type')
    return type === 'config' ? 'session' : type === 'connection' ? 'connection' : 'test'
  }
  return mock.lifetime === 'perTest' ? 'test' : mock.lifetime
}

function issueOf(mock: MockDocument, problem: string): InputIssue {
  return {
    code: 'KEPLOY_MOCK_INVALID',
    severity: 'error',
    message: `The mock ${oneLine(mock.name, 100)} (${mock.kind}) can't be used: ${oneLine(problem, 400)}.`,
    path: 'spec',
    line: mock.document.line,
    ...(mock.document.file !== undefined && { file: mock.document.file }),
  }
}

function without(key: Value, fields: readonly string[]): Value {
  if (fields.length === 0 || !isTree(key)) return key
  return Object.fromEntries(Object.entries(key).filter(([name]) => !fields.includes(name)))
}
