import type { Value } from '@keploy-framework/format'

import { isTree } from '../../protocol/value.ts'
import { producedRecords } from '../calls/produce-calls.ts'
import { recordOf } from '../records/record-tree.ts'
import { fromBigInt, textOf, toBigInt, trees, type Tree } from '../struct.ts'
import type { Handler } from './context.ts'

const UNKNOWN_SERVER_ERROR = -1
const CORRUPT_MESSAGE = 2

/** What became of the records for one partition. */
interface Outcome {
  base?: bigint
  errorCode: number
  errorMessage?: string
  readonly wrong: { readonly batchIndex: number; readonly batchIndexErrorMessage: string }[]
}

/**
 * Looks each record up for itself, so that it does not matter how a client groups them. One that was never recorded makes the
 * whole partition of the request fail, as a broker does with a batch.
 */
export const produce: Handler = ({ options, state }, { body }, reply) => {
  const outcomes = new Map<string, Outcome>()
  const outcomeOf = (topic: Value | undefined, partition: Value | undefined): Outcome => {
    const place = `${textOf(topic)}/${textOf(partition)}`
    const known = outcomes.get(place) ?? { errorCode: 0, wrong: [] }
    outcomes.set(place, known)
    return known
  }
  let records
  try {
    records = producedRecords(body)
  } catch {
    records = undefined
  }
  for (const { topic, partition, index, request } of records ?? []) {
    const outcome = outcomeOf(topic, partition)
    const answer = options.answer({ operation: 'Produce', request, lifetime: 'test' })
    if (answer.type === 'miss') {
      outcome.errorCode = UNKNOWN_SERVER_ERROR
      outcome.errorMessage ??= answer.message
      outcome.wrong.push({ batchIndex: index, batchIndexErrorMessage: answer.message })
      continue
    }
    const said: Tree = isTree(answer.response) ? answer.response : {}
    if (typeof said['errorCode'] === 'number' && outcome.errorCode === 0) {
      outcome.errorCode = said['errorCode']
      if (typeof said['errorMessage'] === 'string') outcome.errorMessage = said['errorMessage']
    }
    const offset = toBigInt(said['offset'])
    if (offset === undefined || offset < 0n) continue
    outcome.base ??= offset
    const record = recordOf({ ...request, offset: fromBigInt(offset) })
    if (record !== undefined) state.produced.set(`${topic}/${textOf(said['partition'])}@${offset}`, record)
  }
  if (body['acks'] === 0) {
    reply(undefined)
    return
  }
  reply({
    responses: trees(body['topicData']).map((topic) => ({
      name: topic['name'] ?? null,
      partitionResponses: trees(topic['partitionData']).map(({ index }) => {
        const { base, errorCode, errorMessage, wrong } = outcomeOf(topic['name'], index)
        return {
          index: index ?? 0,
          errorCode: records === undefined ? CORRUPT_MESSAGE : errorCode,
          baseOffset: errorCode === 0 ? fromBigInt(base ?? 0n) : -1,
          logStartOffset: 0,
          recordErrors: wrong,
          errorMessage: errorMessage ?? null,
        }
      }),
    })),
  })
}
