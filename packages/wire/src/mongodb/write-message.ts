import { OPCODES, type Message, type MessageBody } from './message.ts'
import { writeDocument } from './write-bson.ts'

/**
 * Writes a message with its header, not compressed and without a checksum.
 *
 * @example
 * writeMessage({ requestId: 1, responseTo: 0, body: { type: 'msg', flags: 0, body: { ping: 1, $db: 'admin' }, sequences: [] } })
 */
export function writeMessage({ requestId, responseTo, body }: Message): Buffer {
  const [opcode, parts] = writeBody(body)
  const content = Buffer.concat(parts)
  return Buffer.concat([int32(16 + content.length, requestId, responseTo, opcode), content])
}

function int32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value | 0, 4 * index)
  return bytes
}

function writeBody(body: MessageBody): readonly [opcode: number, parts: readonly Buffer[]] {
  switch (body.type) {
    case 'msg':
      return [
        OPCODES.msg,
        [
          int32(body.flags),
          Buffer.from([0]),
          writeDocument(body.body),
          ...body.sequences.map(({ identifier, documents }) => {
            const section = Buffer.concat([Buffer.from(`${identifier}\0`, 'utf8'), ...documents.map(writeDocument)])
            return Buffer.concat([Buffer.from([1]), int32(section.length + 4), section])
          }),
        ],
      ]
    case 'query':
      return [
        OPCODES.query,
        [
          int32(body.flags),
          Buffer.from(`${body.collection}\0`, 'utf8'),
          int32(body.skip, body.limit),
          writeDocument(body.query),
          ...(body.fields === undefined ? [] : [writeDocument(body.fields)]),
        ],
      ]
    case 'reply': {
      const cursor = Buffer.alloc(8)
      cursor.writeBigInt64LE(BigInt.asIntN(64, body.cursor))
      return [
        OPCODES.reply,
        [
          int32(body.flags),
          cursor,
          int32(body.startingFrom, body.documents.length),
          ...body.documents.map(writeDocument),
        ],
      ]
    }
    case 'legacy':
      return [OPCODES.killCursors, [int32(0, 0)]]
  }
}
