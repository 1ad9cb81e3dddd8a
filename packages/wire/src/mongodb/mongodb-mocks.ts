import { isDeepStrictEqual } from 'node:util'

import type { CallContent, Value, YamlValue } from '@keploy-framework/format'

import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec, MockSpec } from '../protocol/mock-codec.ts'
import { isTree } from '../protocol/value.ts'
import { asCommand, cleanReply, commandOf, operationOf, without, type CommandTree } from './command.ts'
import { readDiskMessages, type DiskMessage } from './disk-message.ts'
import { legacyCall } from './legacy-call.ts'
import { FLAGS, type MessageBody, type Tree } from './message.ts'
import { writeDiskMessage } from './write-disk-message.ts'

/** Calls as documents of Keploy's kind `Mongo`; what that would not hold whole, as documents of the kind `Call`. */
export const mongodbMocks: MockCodec = {
  kinds: ['Mongo', 'Call'],
  encode(call: CallContent): MockSpec {
    const mock = encodeMongo(call)
    if (mock === undefined) return encodeCall(call)
    const decoded = decodeMongo({ ...mock, lifetime: call.lifetime })
    return 'calls' in decoded && isDeepStrictEqual(decoded.calls, [call]) ? mock : encodeCall(call)
  },
  decode: (mock) => (mock.kind === 'Call' ? decodeCall('mongodb', mock) : decodeMongo(mock)),
}

function encodeMongo({ request, response, ended }: CallContent): MockSpec | undefined {
  const command = asCommand(request)
  if (command === undefined || command.database === '') return undefined
  const stream = isTree(response) && response['ok'] === undefined ? response['stream'] : undefined
  const replies = Array.isArray(stream) ? (stream as readonly Value[]) : response === undefined ? [] : [response]
  if (!replies.every(isTree)) return undefined
  return {
    kind: 'Mongo',
    spec: {
      requests: [writeDiskMessage({ requestId: 1, responseTo: 0, body: requestBody(command) }) as YamlValue],
      responses: replies.map((reply, index) => {
        const body = replyBody(command, reply, index < replies.length - 1)
        return writeDiskMessage({ requestId: index + 2, responseTo: index + 1, body }) as YamlValue
      }),
    },
    ...(ended !== undefined && { metadata: { ended } }),
  }
}

function requestBody(command: CommandTree): MessageBody {
  const { database, body, sequences = [], query } = command
  if (query !== undefined) {
    return { type: 'query', flags: query, collection: `${database}.$cmd`, skip: 0, limit: -1, query: body }
  }
  const flags =
    (command.unacknowledged === true ? FLAGS.moreToCome : 0) | (command.exhaust === true ? FLAGS.exhaustAllowed : 0)
  return {
    type: 'msg',
    flags,
    body: { ...without(body, ...sequences), $db: database },
    sequences: sequences.map((identifier) => {
      const documents = body[identifier]
      return { identifier, documents: Array.isArray(documents) ? (documents as readonly Value[]).filter(isTree) : [] }
    }),
  }
}

function replyBody(command: CommandTree, reply: Tree, more: boolean): MessageBody {
  if (command.query !== undefined) return { type: 'reply', flags: 8, cursor: 0n, startingFrom: 0, documents: [reply] }
  return { type: 'msg', flags: more ? FLAGS.moreToCome : 0, body: reply, sequences: [] }
}

function decodeMongo(mock: MockSpec & { readonly lifetime: CallContent['lifetime'] }): DecodedMock {
  const asked = readDiskMessages(mock.spec, 'requests')
  if ('problem' in asked) return asked
  const answered = readDiskMessages(mock.spec, 'responses')
  if ('problem' in answered) return answered
  if (asked.messages.length === 0) return { problem: 'spec.requests is empty' }
  const ended = mock.metadata?.['ended']
  const calls: CallContent[] = []
  for (const [index, message] of asked.messages.entries()) {
    // Where there are several, each has its own answer, in order; one alone has them all.
    const answers = asked.messages.length === 1 ? answered.messages : answered.messages.slice(index, index + 1)
    const call = decodeOne(message, answers, mock.lifetime)
    if ('problem' in call) return call
    calls.push({ ...call, ...((ended === 'end' || ended === 'reset') && { ended }) })
  }
  return { calls }
}

function decodeOne(
  asked: DiskMessage,
  answers: readonly DiskMessage[],
  lifetime: CallContent['lifetime'],
): CallContent | { readonly problem: string } {
  const command = asked.body === undefined ? undefined : commandOf(asked.body)
  if (command === undefined) return legacyCall(asked, answers, lifetime)
  const operation = operationOf(command)
  const replies: Tree[] = []
  for (const { body } of answers) {
    const reply = body?.type === 'msg' ? body.body : body?.type === 'reply' ? body.documents[0] : undefined
    if (reply === undefined) return { problem: 'a message of spec.responses holds no document' }
    replies.push(cleanReply(operation, reply))
  }
  // Greetings that follow by themselves say nothing new.
  const response: Value | undefined = replies.length > 1 && operation !== 'hello' ? { stream: replies } : replies[0]
  return {
    protocol: 'mongodb',
    operation,
    request: command as unknown as Tree,
    ...(response !== undefined && { response }),
    lifetime,
  }
}
