// What the services here have in common: JSON over HTTP, with routes as `METHOD /path/:name`.
import { createServer } from 'node:http'

/**
 * Listens on PORT. A route gets `{ params, body }` and answers `[status, value]`; what it throws is a 500.
 *
 * @param {Record<string, (request: { params: Record<string, string>, body: any }) => Promise<[number, unknown]> | [number, unknown]>} routes
 * @param {() => Promise<unknown>} [close] ends what the service has open
 */
export function serve(routes, close = async () => {}) {
  const table = Object.entries(routes).map(([route, handle]) => {
    const [method, path] = route.split(' ')
    return { method, pattern: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`), handle }
  })
  const answer = async (request) => {
    const chunks = await Array.fromAsync(request)
    const { pathname } = new URL(request.url, 'http://localhost')
    for (const { method, pattern, handle } of table) {
      const params = request.method === method && pattern.exec(pathname)
      if (!params) continue
      const body = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
      return await handle({ params: params.groups ?? {}, body })
    }
    return [404, { error: 'nothing here' }]
  }
  const respond = async (request, response) => {
    const [status, value] = await answer(request).catch((error) => [500, { error: error.message, code: error.code }])
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  const server = createServer((request, response) => {
    void respond(request, response)
  })
  server.listen(Number(process.env.PORT ?? 8000), '127.0.0.1')
  process.once('SIGTERM', () => {
    server.closeAllConnections()
    server.close()
    void close().finally(() => process.exit(0))
  })
}
