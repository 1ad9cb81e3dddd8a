import type { ConnectionHandler, Route } from '@keploy-framework/intercept'

/** What happened on one connection, in order. */
export interface RecordedConnection {
  readonly route: Route
  readonly events: { readonly from: 'client' | 'server'; readonly bytes: Buffer | 'end' }[]
  reason?: string
  alpn?: string
}

/** Keeps all bytes of all connections. */
export function recordAll(connections: RecordedConnection[]): ConnectionHandler {
  return {
    mode: 'record',
    observe(route) {
      const connection: RecordedConnection = { route, events: [] }
      connections.push(connection)
      return {
        push: (from, chunk) => void connection.events.push({ from, bytes: Buffer.from(chunk) }),
        end: (from) => void connection.events.push({ from, bytes: 'end' }),
        secured(tls) {
          if (tls.alpn !== undefined) connection.alpn = tls.alpn
        },
        abort(_at, reason) {
          if (reason !== undefined) connection.reason = reason
        },
      }
    },
  }
}

/** Says again what servers said, once the client has sent as many bytes as before: each connection to a target in order. */
export function replayAll(connections: readonly RecordedConnection[]): ConnectionHandler {
  const used = new Set<RecordedConnection>()
  return {
    mode: 'replay',
    serve(route, client) {
      const found = connections.find((entry) => entry.route.dependency === route.dependency && !used.has(entry))
      if (found === undefined) {
        client.refuse?.('ECONNREFUSED')
        return { push() {}, end() {}, close() {} }
      }
      used.add(found)
      const heard = found.events.some((event) => event.from === 'server')
      if (found.reason !== undefined && !heard) client.refuse?.(found.reason)
      if (found.alpn !== undefined) client.selectAlpn?.(found.alpn)
      let index = 0
      let owed = 0
      const goOn = (): void => {
        for (; index < found.events.length; index++) {
          const event = found.events[index]
          if (event === undefined) return
          if (event.from === 'client') {
            if (event.bytes === 'end') continue
            if (owed < event.bytes.length) return
            owed -= event.bytes.length
          } else if (event.bytes === 'end') client.close('end')
          else client.send(event.bytes)
        }
      }
      setImmediate(goOn)
      return {
        push(chunk) {
          owed += chunk.length
          setImmediate(goOn)
        },
        end: () =>
          void setImmediate(() => {
            goOn()
            client.close('end')
          }),
        close() {},
      }
    },
  }
}
