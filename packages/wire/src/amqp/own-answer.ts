import { PROTOCOL_HEADER } from './clean-request.ts'
import type { MethodTree } from './method-codec.ts'

/** What a broker says at least of itself; clients turn to these capabilities. */
const START: MethodTree = {
  method: 'connection.start',
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: {
    product: 'RabbitMQ',
    version: '3.10.0',
    capabilities: {
      publisher_confirms: true,
      exchange_exchange_bindings: true,
      'basic.nack': true,
      consumer_cancel_notify: true,
      'connection.blocked': true,
      authentication_failure_close: true,
      per_consumer_qos: true,
    },
  },
  mechanisms: 'PLAIN AMQPLAIN',
  locales: 'en_US',
}

const OWN: Readonly<Record<string, MethodTree>> = {
  [PROTOCOL_HEADER]: START,
  'connection.start-ok': { method: 'connection.tune', channelMax: 2047, frameMax: 131_072, heartbeat: 60 },
  'connection.open': { method: 'connection.open-ok' },
  'connection.close': { method: 'connection.close-ok' },
  'connection.update-secret': { method: 'connection.update-secret-ok' },
  'channel.open': { method: 'channel.open-ok' },
  'channel.close': { method: 'channel.close-ok' },
  'basic.qos': { method: 'basic.qos-ok' },
  'confirm.select': { method: 'confirm.select-ok' },
  'tx.select': { method: 'tx.select-ok' },
}

/** The answer to what sets a connection or a channel up, where none was recorded. */
export function ownAnswer(tree: MethodTree): MethodTree | undefined {
  if (tree.method === 'channel.flow') return { method: 'channel.flow-ok', active: tree['active'] === true }
  if (tree.method === 'basic.cancel') return { method: 'basic.cancel-ok', consumerTag: tree['consumerTag'] ?? '' }
  return Object.hasOwn(OWN, tree.method) ? OWN[tree.method] : undefined
}
