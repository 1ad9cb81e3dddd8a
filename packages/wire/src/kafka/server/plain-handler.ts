import { isTree } from '../../protocol/value.ts'
import { callTree } from '../calls/plain-call.ts'
import type { Handler } from './context.ts'
import { mirror } from './mirror.ts'

const UNKNOWN_SERVER_ERROR = -1

/** Answers as recorded. A miss is an error for everything that was asked for. */
export const plain: Handler = ({ options }, { schema, version, body }, reply) => {
  const request = { api: schema.name, ...callTree(body) }
  const answer = options.answer({ operation: schema.name, request, lifetime: 'test' })
  if (answer.type === 'answer' && isTree(answer.response)) reply(answer.response)
  else
    reply(
      mirror(schema.response, version, body, UNKNOWN_SERVER_ERROR, answer.type === 'miss' ? answer.message : undefined),
    )
}

/** Done, for everything that was asked for. */
export const done: Handler = (_context, { schema, version, body }, reply) => {
  reply(mirror(schema.response, version, body, 0))
}

/** A producer of its own for whoever asks; its numbers are in no call. */
export const initProducer: Handler = ({ state }, _request, reply) => {
  reply({ errorCode: 0, producerId: 1000 + state.count('InitProducerId'), producerEpoch: 0 })
}
