import type { ProtocolName } from '@keploy-framework/format'

import { amqpProtocol } from '../amqp/amqp-protocol.ts'
import { genericProtocol } from '../generic/generic-protocol.ts'
import { httpProtocol } from '../http-calls/http-protocol.ts'
import { grpcProtocol } from '../http2/http2-protocol.ts'
import { kafkaProtocol } from '../kafka/kafka-protocol.ts'
import { mongodbProtocol } from '../mongodb/mongodb-protocol.ts'
import { mysqlProtocol } from '../mysql/mysql-protocol.ts'
import { postgresProtocol } from '../postgres/postgres-protocol.ts'
import { redisProtocol } from '../redis/redis-protocol.ts'
import type { Protocol } from './protocol.ts'

/** Every protocol that can be read and answered. `generic` is last: it takes what no other one knows. */
export const protocols: readonly Protocol[] = [
  httpProtocol,
  grpcProtocol,
  mongodbProtocol,
  amqpProtocol,
  redisProtocol,
  kafkaProtocol,
  mysqlProtocol,
  postgresProtocol,
  genericProtocol,
]

/**
 * The protocol of a name.
 *
 * @example
 * findProtocol('generic')?.speaksFirst // 'client'
 */
export function findProtocol(name: ProtocolName): Protocol | undefined {
  return byName.get(name)
}

const byName: ReadonlyMap<string, Protocol> = new Map(protocols.map((protocol) => [protocol.name, protocol]))
