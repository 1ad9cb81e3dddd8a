import type { CallEvent, ReadCall } from '../../protocol/protocol.ts'
import type { MessageBody, Tree } from '../message.ts'
import { mongodbProtocol } from '../mongodb-protocol.ts'
import { writeMessage } from '../write-message.ts'

export const OK = { $numberDouble: '1.0' }

export function msg(
  requestId: number,
  body: Tree,
  rest: Partial<Extract<MessageBody, { type: 'msg' }>> & { responseTo?: number } = {},
): Buffer {
  const { responseTo = 0, flags = 0, sequences = [] } = rest
  return writeMessage({ requestId, responseTo, body: { type: 'msg', flags, body, sequences } })
}

export type Step = readonly ['client' | 'server', Uint8Array]

export function read(
  steps: readonly Step[],
  finish?: 'end' | 'abort' | 'stop',
  messageLimit?: number,
): { calls: ReadCall[]; events: CallEvent[] } {
  const events: CallEvent[] = []
  let ids = 0
  const options = { connection: 1, nextId: () => ++ids, ...(messageLimit !== undefined && { messageLimit }) }
  const reader = mongodbProtocol.createReader(options, (event) => events.push(event))
  for (const [index, [from, bytes]] of steps.entries()) reader.push(from, bytes, index)
  if (finish === 'end') reader.end('server', 99)
  else if (finish !== undefined) reader[finish](99)
  return { events, calls: events.flatMap((event) => (event.type === 'call' ? [event.call] : [])) }
}

export const insert = msg(
  7,
  { insert: 'users', ordered: true, lsid: { id: 'x' }, txnNumber: { $numberLong: '1' }, $db: 'app' },
  {
    sequences: [{ identifier: 'documents', documents: [{ _id: { $oid: '64b000000000000000000001' } }, { _id: 2 }] }],
  },
)
export const inserted = msg(9, { n: 2, ok: OK }, { responseTo: 7 })
