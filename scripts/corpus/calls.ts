import { isDeepStrictEqual } from 'node:util'

import {
  decodeMock,
  type CallContent,
  type Document,
  type MockDocument,
  type Value,
  type YamlValue,
} from '../../packages/format/src/index.ts'
import {
  decodeMockSource,
  findMockCodec,
  isTree,
  toValue,
  trackMocks,
  type MockSource,
} from '../../packages/wire/src/index.ts'
import type { Problem } from './proofs.ts'

/** What the calls of the documents of a kind came to. */
export interface CallCounts {
  documents: number
  calls: number
  /** Documents that hold no call: pieces of a handshake, and messages that nothing answers. */
  empty: number
  /** Written again as the same spec, but for times and numbers of messages; the others say the same in other words. */
  same: number
  /** Documents of which no call could be read, by reason. */
  readonly refused: Map<string, number>
}

/** Decodes the mocks of files into calls, writes these again, and sees whether they are the same calls then. */
export class CallProof {
  readonly kinds = new Map<string, CallCounts>()

  /** The mocks of one file, in their order. */
  file(): (document: Document) => Problem[] {
    const see = trackMocks()
    return (document) => {
      const { mock } = decodeMock(document)
      return mock === undefined ? [] : this.#check(mock, document, see)
    }
  }

  #check(mock: MockDocument, document: Document, see: ReturnType<typeof trackMocks>): Problem[] {
    const counts = this.kinds.get(mock.kind) ?? { documents: 0, calls: 0, empty: 0, same: 0, refused: new Map() }
    this.kinds.set(mock.kind, counts)
    counts.documents++
    const source = sourceOf(mock)
    const decoded = decodeMockSource(source, see(source, mock.connectionId ?? ''))
    if ('problem' in decoded) {
      counts.refused.set(decoded.problem, (counts.refused.get(decoded.problem) ?? 0) + 1)
      return []
    }
    counts.calls += decoded.calls.length
    if (decoded.calls.length === 0) counts.empty++
    const problems = decoded.calls.flatMap((call) => lossOf(call).map((message) => ({ line: document.line, message })))
    if (decoded.calls.length === 1 && isSameSpec(mock, decoded.calls[0]!)) counts.same++
    return problems
  }
}

function sourceOf(mock: MockDocument): MockSource {
  const spec = mock.spec as Readonly<Record<string, YamlValue>>
  return { kind: mock.kind, spec, metadata: Object.fromEntries(mock.metadata), lifetime: 'test' }
}

/** What of a call is not there any more once it was written and read. */
function lossOf(call: CallContent): string[] {
  const codec = findMockCodec(call.protocol)
  if (codec === undefined) return [`no codec writes calls of ${call.protocol}`]
  const written = codec.encode(call)
  const again = codec.decode({ ...written, lifetime: call.lifetime })
  if ('problem' in again) return [`the ${call.operation} that was written anew can't be read: ${again.problem}`]
  if (again.calls.length !== 1) return [`the ${call.operation} that was written anew is ${again.calls.length} calls`]
  return isDeepStrictEqual(again.calls[0], call) ? [] : [`the ${call.operation} that was written anew is another call`]
}

function isSameSpec(mock: MockDocument, call: CallContent): boolean {
  const written = findMockCodec(call.protocol)?.encode(call)
  if (written?.kind !== mock.kind) return false
  return isDeepStrictEqual(bare(toValue(written.spec)), bare(toValue(mock.spec as Readonly<Record<string, YamlValue>>)))
}

/** What stands beside a call, such as times, and what numbers messages. */
const beside = /^(?:metadata|created|(?:req|res)timestampmock|timestamp|requestid|responseto|read_?delay|length)$/i

function bare(value: Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => bare(item))
  if (!isTree(value)) return value
  const names = Object.keys(value).filter((name) => !beside.test(name))
  return Object.fromEntries(names.map((name) => [name, bare(value[name] as Value)]))
}
