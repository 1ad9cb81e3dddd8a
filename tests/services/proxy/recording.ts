import type { ConnectionHandler, Route } from '@keploy-framework/intercept'

/** What a recording saw of one connection. */
export interface Seen {
  readonly route: Route
  client: string
  server: string
  aborted?: string
}

/**
 * A handler that keeps all bytes as text, of connections on which something was said or went wrong: while a client is
 * silent, its server may be asked whether it speaks first.
 */
export function recordAll(): { readonly handler: ConnectionHandler; readonly seen: Seen[] } {
  const seen: Seen[] = []
  const handler: ConnectionHandler = {
    mode: 'record',
    observe(route) {
      const one: Seen = { route, client: '', server: '' }
      const note = (): void => {
        if (!seen.includes(one)) seen.push(one)
      }
      return {
        push: (from, chunk) => {
          note()
          one[from] += Buffer.from(chunk).toString('latin1')
        },
        end: () => undefined,
        abort: (_at, reason) => {
          if (reason === undefined) return
          note()
          one.aborted = reason
        },
      }
    },
  }
  return { handler, seen }
}

/** A handler that answers each request of HTTP/1.1 with what it was asked, and keeps the routes of clients that spoke. */
export function answerAll(): { readonly handler: ConnectionHandler; readonly routes: Route[] } {
  const routes: Route[] = []
  const handler: ConnectionHandler = {
    mode: 'replay',
    serve(route, client) {
      let text = ''
      return {
        push(chunk) {
          if (!routes.includes(route)) routes.push(route)
          text += Buffer.from(chunk).toString('latin1')
          const path = /^\S+ (\S+) HTTP\/1\.1\r\n[^]*?\r\n\r\n/.exec(text)?.[1]
          if (path === undefined) return
          text = ''
          const body = `mocked ${path}`
          client.send(
            Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
          )
        },
        end: () => undefined,
        close: () => undefined,
      }
    },
  }
  return { handler, routes }
}
