import { decompress } from './decompress.ts'
import { FLAGS, OPCODES, type Header, type Message, type MessageBody, type Sequence, type Tree } from './message.ts'
import { readDocument } from './read-bson.ts'

/** Bytes of the header of each message. */
export const HEADER_LENGTH = 16

/** Reads the header of a message: the first 16 bytes. */
export function readHeader(bytes: Buffer): Header {
  return {
    length: bytes.readInt32LE(0),
    requestId: bytes.readInt32LE(4),
    responseTo: bytes.readInt32LE(8),
    opcode: bytes.readInt32LE(12),
  }
}

/**
 * Reads a whole message, with its header. Nothing when it is malformed. A compressed one may be `limit` bytes long when it
 * is no longer compressed.
 */
export function readMessage(bytes: Buffer, limit: number): Message | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const { requestId, responseTo, opcode } = readHeader(bytes)
  const content = bytes.subarray(HEADER_LENGTH)
  const body = opcode === OPCODES.compressed ? readCompressed(content, limit) : readBody(opcode, content)
  return body === undefined ? undefined : { requestId, responseTo, body }
}

function readCompressed(content: Buffer, limit: number): MessageBody | undefined {
  if (content.length < 9) return undefined
  const opcode = content.readInt32LE(0)
  const size = content.readInt32LE(4)
  if (opcode === OPCODES.compressed || size < 0 || size > limit) return undefined
  const plain = decompress(content[8] as number, content.subarray(9), size)
  return plain === undefined ? undefined : readBody(opcode, plain)
}

function readBody(opcode: number, content: Buffer): MessageBody | undefined {
  switch (opcode) {
    case OPCODES.msg:
      return readMsg(content)
    case OPCODES.query:
      return readQuery(content)
    case OPCODES.reply:
      return readReply(content)
    case OPCODES.insert:
    case OPCODES.update:
    case OPCODES.delete:
    case OPCODES.getMore:
    case OPCODES.killCursors:
      return { type: 'legacy' }
    default:
      return undefined
  }
}

function readMsg(content: Buffer): MessageBody | undefined {
  if (content.length < 5) return undefined
  const flags = content.readUInt32LE(0)
  // Of the lower half, whoever sets a bit that is not known wants it to be understood.
  if ((flags & 0xfffc) !== 0) return undefined
  const end = content.length - ((flags & FLAGS.checksumPresent) === 0 ? 0 : 4)
  let body: Tree | undefined
  const sequences: Sequence[] = []
  for (let at = 4; at < end;) {
    const kind = content[at]
    const section = sized(content, at + 1, end)
    if (section === undefined) return undefined
    at += 1 + section.length
    if (kind === 0) {
      if (body !== undefined) return undefined
      body = readDocument(section)
      if (body === undefined) return undefined
    } else if (kind === 1) {
      const sequence = readSequence(section)
      if (sequence === undefined) return undefined
      sequences.push(sequence)
    } else return undefined
  }
  return body === undefined ? undefined : { type: 'msg', flags: flags & ~FLAGS.checksumPresent, body, sequences }
}

/** A stretch that begins with its own length. */
function sized(bytes: Buffer, at: number, end: number): Buffer | undefined {
  if (at + 4 > end) return undefined
  const length = bytes.readInt32LE(at)
  return length < 5 || at + length > end ? undefined : bytes.subarray(at, at + length)
}

function readSequence(section: Buffer): Sequence | undefined {
  const zero = section.indexOf(0, 4)
  if (zero < 0) return undefined
  const documents = readDocuments(section, zero + 1)
  return documents === undefined ? undefined : { identifier: section.toString('utf8', 4, zero), documents }
}

function readDocuments(bytes: Buffer, from: number): Tree[] | undefined {
  const documents: Tree[] = []
  for (let at = from; at < bytes.length;) {
    const part = sized(bytes, at, bytes.length)
    const document = part === undefined ? undefined : readDocument(part)
    if (part === undefined || document === undefined) return undefined
    documents.push(document)
    at += part.length
  }
  return documents
}

function readQuery(content: Buffer): MessageBody | undefined {
  const zero = content.indexOf(0, 4)
  if (zero < 0 || zero + 9 > content.length) return undefined
  const [query, fields, ...more] = readDocuments(content, zero + 9) ?? []
  if (query === undefined || more.length > 0) return undefined
  return {
    type: 'query',
    flags: content.readInt32LE(0),
    collection: content.toString('utf8', 4, zero),
    skip: content.readInt32LE(zero + 1),
    limit: content.readInt32LE(zero + 5),
    query,
    ...(fields !== undefined && { fields }),
  }
}

function readReply(content: Buffer): MessageBody | undefined {
  if (content.length < 20) return undefined
  const documents = readDocuments(content, 20)
  if (documents === undefined || documents.length !== content.readInt32LE(16)) return undefined
  return {
    type: 'reply',
    flags: content.readInt32LE(0),
    cursor: content.readBigInt64LE(4),
    startingFrom: content.readInt32LE(12),
    documents,
  }
}
