import type { Value } from '@keploy-framework/format'

import type { Protocol } from '../protocol/protocol.ts'
import { isTree } from '../protocol/value.ts'
import { describeRequest } from './describe.ts'
import { kafkaMocks } from './kafka-mocks.ts'
import { KafkaReader } from './kafka-reader.ts'
import { KafkaRewriter } from './kafka-rewriter.ts'
import { apis } from './schemas/apis.ts'
import { KafkaMockServer } from './server/kafka-mock-server.ts'

/** The longest first request that is taken for one of Kafka: clients begin with a small one. */
const FIRST_LIMIT = 1 << 20
/** Numbers of APIs in use end below this. */
const KEYS = 128
/** Clients number their requests from 0 or 1. */
const FIRST_CORRELATION = 1 << 20

/** Apache Kafka: the binary protocol between clients and brokers. */
export const kafkaProtocol: Protocol = {
  name: 'kafka',
  speaksFirst: 'client',
  detect(first) {
    const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    if (bytes.length > 0 && bytes[0] !== 0) return 'no'
    if (bytes.length >= 4 && (bytes.readInt32BE() < 10 || bytes.readInt32BE() > FIRST_LIMIT)) return 'no'
    if (bytes.length < 12) return 'more'
    const versions = apis.get(bytes.readInt16BE(4))?.versions
    const correlation = bytes.readInt32BE(8)
    return versions !== undefined && bytes.readUInt16BE(6) < 64 && correlation >= 0 && correlation < FIRST_CORRELATION
      ? 'yes'
      : 'no'
  },
  detectNamed(first) {
    const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    if (bytes.length > 0 && bytes[0] !== 0) return 'no'
    if (bytes.length >= 4 && (bytes.readInt32BE() < 10 || bytes.readInt32BE() > FIRST_LIMIT)) return 'no'
    if (bytes.length < 8) return 'more'
    return bytes.readUInt16BE(4) < KEYS && bytes.readUInt16BE(6) < 64 ? 'yes' : 'no'
  },
  createReader: (options, emit) => new KafkaReader(options, emit),
  createMockServer: (options) => new KafkaMockServer(options),
  createRewriter: (options) => new KafkaRewriter(options),
  describe: describeRequest,
  match: {
    key: (request) => request,
    idle(request: Value) {
      return isTree(request) && request['api'] === 'Fetch' ? { response: { records: [] }, afterMs: 0 } : undefined
    },
  },
  mocks: kafkaMocks,
}
