import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { Protocol } from '../protocol/protocol.ts'
import { describeMethod, idleAnswer, keyOfMethod } from './amqp-match.ts'
import { AmqpMockServer } from './amqp-mock-server.ts'
import { AmqpReader } from './amqp-reader.ts'

const BEGIN = Buffer.from('AMQP\0\0\x09\x01', 'latin1')

/** AMQP 0-9-1 with the extensions of RabbitMQ. */
export const amqpProtocol: Protocol = {
  name: 'amqp',
  speaksFirst: 'client',
  detect(first) {
    const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
    const length = Math.min(bytes.length, BEGIN.length)
    if (!bytes.subarray(0, length).equals(BEGIN.subarray(0, length))) return 'no'
    return length === BEGIN.length ? 'yes' : 'more'
  },
  // Other versions of AMQP begin with the same name, and log in after it.
  detectNamed(first) {
    const name = BEGIN.subarray(0, Math.min(first.length, 4))
    if (!name.equals(Buffer.from(first.buffer, first.byteOffset, name.length))) return 'no'
    return name.length === 4 ? 'yes' : 'more'
  },
  createReader: (options, emit) => new AmqpReader(options, emit),
  createMockServer: (options) => new AmqpMockServer(options),
  describe: describeMethod,
  match: { key: keyOfMethod, idle: idleAnswer },
  mocks: { kinds: ['Call'], encode: encodeCall, decode: (mock) => decodeCall('amqp', mock) },
}
