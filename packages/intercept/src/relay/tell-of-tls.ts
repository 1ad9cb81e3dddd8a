import type { Duplex } from 'node:stream'

import { readClientHello } from '../tls/client-hello.ts'
import type { Route } from './handler.ts'

const MESSAGE =
  'the service begins with TLS, which its setting does not say, so nothing of it can be read or answered. ' +
  'Say it there: rediss:, amqps:, tls=true for MongoDB, KAFKA_SECURITY_PROTOCOL=SSL beside a list of brokers'

/** The beginning of a record of TLS with the beginning of a ClientHello. */
const BEGINNING = 6
/** Pools would tell it for each of their connections. */
const told = new WeakSet<Route>()

/** Tells, once for a route, when a client that is expected to speak plain begins with TLS. Its bytes go where they would go. */
export function tellOfTls(client: Duplex, route: Route, tell: (problem: string) => void): void {
  client.once('data', (chunk: Buffer) => {
    if (chunk.length < BEGINNING || readClientHello(chunk) === undefined || told.has(route)) return
    told.add(route)
    tell(MESSAGE)
  })
}
