import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'

/** An API behind HTTPS, with HTTP/2 and HTTP/1.1, and the same without TLS. */
export interface ApiServer extends AsyncDisposable {
  readonly secure: number
  readonly plain: number
  /** `GET /x 2.0`, one for each request. */
  readonly requests: readonly string[]
}

/** Starts the API on an address of this machine. */
export async function startApi(
  certificate: { readonly cert: string; readonly key: string },
  address: string,
): Promise<ApiServer> {
  const requests: string[] = []
  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${request.httpVersion}`)
      response.setHeader('content-type', 'text/plain')
      response.end(`real ${request.url}${body}`)
    })
  }
  const secure = http2.createSecureServer({ ...certificate, allowHTTP1: true }, answer as never)
  const plain = http.createServer(answer)
  for (const server of [secure, plain]) {
    server.listen(0, address)
    await once(server, 'listening')
  }
  return {
    secure: (secure.address() as AddressInfo).port,
    plain: (plain.address() as AddressInfo).port,
    requests,
    async [Symbol.asyncDispose]() {
      secure.close()
      plain.close()
      plain.closeAllConnections()
    },
  }
}
