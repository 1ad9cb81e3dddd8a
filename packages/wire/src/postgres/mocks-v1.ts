import type { CallContent, Value } from '@keploy-framework/format'

import type { DecodedMock, MockSource } from '../protocol/mock-codec.ts'
import { isTree } from '../protocol/value.ts'
import { message } from './bytes.ts'
import { readBind, readTarget } from './front-messages.ts'
import { clientMessage, listOf, pick, serverMessage, textOf } from './legacy-messages.ts'
import { MessageSplitter } from './message-splitter.ts'
import { StatementReader, type KnownStatement } from './statement-reader.ts'

/** Prepared statements by name. */
export type Statements = ReadonlyMap<string, KnownStatement>
interface Piece {
  readonly letter: string
  readonly tree: unknown
  /** The message itself, where the document has it. */
  readonly raw?: Buffer
}

// Maps: a letter of a document may be any text, also the name of a property that every object has.
const clientKeys: ReadonlyMap<string, string> = new Map([
  ['Q', 'query'],
  ['P', 'parse'],
  ['B', 'bind'],
  ['D', 'describe'],
  ['E', 'execute'],
  ['C', 'close'],
])
const serverKeys: ReadonlyMap<string, string> = new Map([
  ['t', 'parameter_description'],
  ['T', 'row_description'],
  ['D', 'data_row'],
  ['C', 'command_complete'],
  ['Z', 'ready_for_query'],
  ['S', 'parameter_status'],
  ['E', 'error_response'],
  ['N', 'notice_response'],
])

/** The messages of a document of version 1, in the order that `header` gives; lists are taken one by one. */
function piecesOfV1(messages: unknown, keys: ReadonlyMap<string, string>): Piece[] {
  return listOf(messages).flatMap((entry) => {
    const raw = rawPieces(textOf(pick(entry, 'payload')))
    if (raw !== undefined) return raw
    const next = new Map<string, number>()
    return listOf(pick(entry, 'header')).map((item) => {
      const letter = textOf(item)
      const found = pick(entry, keys.get(letter) ?? '')
      if (!Array.isArray(found)) return { letter, tree: found }
      const at = next.get(letter) ?? 0
      next.set(letter, at + 1)
      return { letter, tree: (found as unknown[])[at] }
    })
  })
}

/** What `payload` holds: the messages as they were, with the blanks of statements that the structures have lost. */
function rawPieces(payload: string): Piece[] | undefined {
  if (payload === '') return undefined
  const splitter = new MessageSplitter(0x7fffffff)
  splitter.push(Buffer.from(payload, 'base64'))
  const pieces: Piece[] = []
  for (let next = splitter.next(true); next !== undefined; next = splitter.next(true)) {
    pieces.push({ letter: next.letter, tree: undefined, raw: message(next.letter, next.body) })
  }
  const isStatement = pieces.some(({ letter }) => letter !== 'p' && letter !== 'R')
  return isStatement && splitter.rest().length === 0 && splitter.problem === undefined ? pieces : undefined
}

/** The messages of a document of version 2: packets, each with its letter. */
function piecesOfV2(messages: unknown): Piece[] {
  return listOf(messages).flatMap((entry) =>
    listOf(pick(pick(entry, 'message'), 'packets')).map((packet) => ({
      letter: textOf(pick(pick(pick(packet, 'header'), 'header'), 'packet_id')),
      tree: pick(packet, 'message'),
    })),
  )
}

interface Conversation {
  readonly requests: readonly unknown[]
  readonly responses: readonly unknown[]
  readonly asked: readonly Piece[]
  readonly answered: readonly Piece[]
}

function conversationOf({ kind, spec }: MockSource): Conversation | undefined {
  const isFirst = kind === 'Postgres'
  const requests = isFirst ? pick(spec, 'postgresrequests') : pick(spec, 'requests')
  const responses = isFirst ? pick(spec, 'postgresresponses') : pick(spec, 'responses')
  if (!Array.isArray(requests) || !Array.isArray(responses)) return undefined
  const asked = isFirst ? piecesOfV1(requests, clientKeys) : piecesOfV2(requests)
  const answered = isFirst ? piecesOfV1(responses, serverKeys) : piecesOfV2(responses)
  return { requests, responses, asked, answered }
}

/**
 * Reads documents of the kinds `Postgres` and `PostgresV2`, which keep messages: they are written again as bytes, and read
 * as those of a connection are. `statements` are those that earlier documents of the connection prepared.
 */
export function decodePostgresMessages(mock: MockSource, statements?: Statements): DecodedMock {
  const conversation = conversationOf(mock)
  if (conversation === undefined) return { problem: 'the spec has no lists of requests and responses' }
  const { requests, responses, asked, answered } = conversation
  const isStartup = asked.every(({ letter }) => letter === '' || letter === 'p')
  if (isStartup) return { calls: connectOf(requests, asked, responses, answered) }
  const unknown = statements === undefined && !asked.some(({ letter }) => letter === 'P')
  if (unknown && asked.some(({ letter }) => letter === 'B')) {
    return { problem: 'bind names a statement whose SQL stands in no document before it' }
  }
  return readConversation(conversation, mock.lifetime, statements).decoded
}

/** The statements that are known after a document, and those of before that it names. */
export function preparedAfter(
  mock: MockSource,
  before: Statements,
): { readonly after: Statements; readonly named: Statements } {
  const conversation = conversationOf(mock)
  const named = new Map<string, KnownStatement>()
  for (const { letter, tree, raw } of conversation?.asked ?? []) {
    if (letter !== 'B' && letter !== 'D') continue
    const body = (raw ?? clientMessage(letter, tree))?.subarray(5) ?? Buffer.alloc(0)
    const name = letter === 'B' ? readBind(body)?.statement : readTarget(body)?.name
    const statement = name === undefined ? undefined : before.get(name)
    if (name !== undefined && statement !== undefined) named.set(name, statement)
  }
  const changes = conversation?.asked.some(({ letter }) => letter === 'P' || letter === 'C' || letter === 'D')
  if (conversation === undefined || changes !== true) return { after: before, named }
  return { after: readConversation(conversation, mock.lifetime, before).statements, named }
}

function connectOf(
  requests: unknown,
  asked: readonly Piece[],
  responses: unknown,
  answered: readonly Piece[],
): CallContent[] {
  const startup =
    listOf(requests)
      .map((entry) => pick(entry, 'startup_message'))
      .find((found) => found !== undefined) ??
    asked.find(({ letter, tree }) => letter === '' && pick(tree, 'parameters') !== undefined)?.tree
  const parameters: Record<string, Value> = {}
  for (const [name, value] of Object.entries(pick(startup, 'parameters') ?? {})) parameters[name] = textOf(value)
  const { user, database, ...rest } = parameters
  const settings = answered
    .filter(({ letter }) => letter === 'S')
    .map(({ tree }) => [textOf(pick(tree, 'name')), textOf(pick(tree, 'value'))])
  const types = new Set(listOf(responses).map((entry) => Number(textOf(pick(entry, 'auth_type')))))
  const hasSasl = answered.some(({ tree }) => pick(tree, 'auth_mechanisms') !== undefined) || types.has(10)
  const authentication = hasSasl ? 'scram-sha-256' : types.has(5) ? 'md5' : types.has(3) ? 'password' : undefined
  // An answer to a request for TLS says nothing more than that.
  if (startup === undefined && settings.length === 0) return []
  return [
    {
      protocol: 'postgres',
      operation: 'connect',
      request: { user: user ?? '', database: database ?? user ?? '', parameters: rest },
      response: {
        ...(authentication !== undefined && { authentication }),
        ...(settings.length > 0 && { parameters: Object.fromEntries(settings) as Value }),
      },
      lifetime: 'connection',
    },
  ]
}

function readConversation(
  { asked, answered }: Conversation,
  lifetime: CallContent['lifetime'],
  known: Statements = new Map(),
): { readonly decoded: DecodedMock; readonly statements: Statements } {
  const client = asked.map(({ letter, tree, raw }) => raw ?? clientMessage(letter, tree))
  const server = answered.map(({ letter, tree, raw }) => raw ?? serverMessage(letter, tree))
  const unknown = [
    ...asked.filter((_, index) => client[index] === undefined),
    ...answered.filter((_, index) => server[index] === undefined),
  ][0]
  if (unknown !== undefined) {
    const problem = `the message ${unknown.letter} is not read from documents of this kind`
    return { decoded: { problem }, statements: known }
  }
  const isSimple = asked.some(({ letter }) => letter === 'Q')
  const hasSync = asked.some(({ letter }) => letter === 'S')
  // Keploy leaves Sync out of its list of messages.
  const sync = isSimple || hasSync ? undefined : clientMessage('S', {})
  const calls: CallContent[] = []
  let problem: string | undefined
  let id = 0
  const reader = new StatementReader({ connection: 0, nextId: () => ++id }, Number.MAX_SAFE_INTEGER, (event) => {
    if (event.type !== 'call' || event.call.state !== 'complete') return
    const { protocol, operation, request, response, lifetime: own } = event.call
    calls.push({
      protocol,
      operation,
      request,
      ...(response !== undefined && { response: withoutStatus(response) }),
      lifetime: own === 'session' ? own : lifetime,
    })
  })
  const statements = reader.statements(new Map([...known].map(([name, statement]) => [name, { ...statement }])))
  const feed = (from: 'client' | 'server', pieces: readonly (Buffer | undefined)[]): void => {
    const splitter = new MessageSplitter(0x7fffffff)
    for (const piece of pieces) if (piece !== undefined) splitter.push(piece)
    for (let next = splitter.next(true); next !== undefined; next = splitter.next(true)) {
      problem ??= from === 'client' ? reader.fromClient(next, 0) : reader.fromServer(next, 0)
    }
  }
  feed('client', [...client, sync])
  feed('server', server)
  reader.finish('open', 0)
  return { decoded: problem === undefined ? { calls } : { problem }, statements }
}

/** A document does not tell whether a transaction was open before it; what it says of the status afterwards means nothing alone. */
function withoutStatus(response: Value): Value {
  if (!isTree(response)) return response
  const { transaction: _, ...rest } = response
  return rest
}
