import type { Protocol } from '../protocol/protocol.ts'
import { OPCODES } from './message.ts'
import { describeCommand, idleAnswer, keyOfCommand } from './mongodb-match.ts'
import { MongodbMockServer } from './mongodb-mock-server.ts'
import { mongodbMocks } from './mongodb-mocks.ts'
import { MongodbReader } from './mongodb-reader.ts'
import { MongodbRewriter } from './mongodb-rewriter.ts'

/** What servers take at most, and what a greeting needs at least. */
const LONGEST = 48_000_000
const SHORTEST = 26

const CODES: ReadonlySet<number> = new Set(Object.values(OPCODES))

/** The wire protocol of MongoDB: OP_MSG, OP_COMPRESSED, and OP_QUERY with OP_REPLY for greetings. */
export const mongodbProtocol: Protocol = {
  name: 'mongodb',
  speaksFirst: 'client',
  detect(first) {
    const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    if (bytes.length < 4) return 'more'
    const length = bytes.readInt32LE(0)
    if (length < SHORTEST || length > LONGEST) return 'no'
    if (bytes.length < 16) return 'more'
    const opcode = bytes.readInt32LE(12)
    const asks = opcode === OPCODES.msg || opcode === OPCODES.query || opcode === OPCODES.compressed
    return asks && bytes.readInt32LE(8) === 0 ? 'yes' : 'no'
  },
  detectNamed(first) {
    const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    if (bytes.length < 4) return 'more'
    const length = bytes.readInt32LE(0)
    if (length < SHORTEST || length > LONGEST) return 'no'
    if (bytes.length < 16) return 'more'
    return CODES.has(bytes.readInt32LE(12)) ? 'yes' : 'no'
  },
  createReader: (options, emit) => new MongodbReader(options, emit),
  createMockServer: (options) => new MongodbMockServer(options),
  createRewriter: (options) => new MongodbRewriter(options),
  describe: describeCommand,
  match: { key: keyOfCommand, idle: idleAnswer },
  mocks: mongodbMocks,
}
