import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

import { EmbeddedUpstream } from '../src/upstream/embedded-upstream.ts'
import type { UpstreamRequest } from '../src/upstream/upstream.ts'

export interface SeenRequest {
  method: string
  url: string
  authorization: string | undefined
  profile: string | undefined
}

/** What happens instead of an answer with data. */
export type Upset = { status: number; body?: string } | 'silence' | 'cut'

/** Signatures are not checked here. */
function userOf(authorization = ''): { tenant: string; id: string } {
  const parts = authorization.replace('Bearer ', '').split('.')
  if (parts.length < 3) return { tenant: parts[0] ?? '', id: parts[1] ?? '' }
  const claims = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString()) as { tenant: string; sub: string }
  return { tenant: claims.tenant, id: claims.sub }
}

/**
 * The sample data behind HTTP. Who asks follows from `Authorization: Bearer`, TENANT.USER or a JWT, and from whether a `ProfileID`
 * came. `upset` may decide on another answer.
 */
export async function startUpstreamServer(
  upset: (request: SeenRequest, nth: number) => Upset | undefined = () => undefined,
) {
  const data = new EmbeddedUpstream()
  const requests: SeenRequest[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { authorization } = request.headers
    const profile = request.headers['profileid'] as string | undefined
    const seen = { method: request.method!, url: request.url!, authorization, profile }
    requests.push(seen)
    const trouble = upset(seen, requests.length)
    if (trouble === 'silence') return
    if (trouble === 'cut') return void request.socket.destroy()
    if (trouble) return void response.writeHead(trouble.status).end(trouble.body)
    const { tenant, id } = userOf(authorization)
    if (tenant === '') return void response.writeHead(401).end()
    const url = new URL(request.url!, 'http://upstream')
    const { status, body } = data.answer(
      {
        method: request.method as UpstreamRequest['method'],
        path: url.pathname.replace(/^\/api/, ''),
        query: Object.fromEntries(url.searchParams),
        ...(['POST', 'PATCH'].includes(request.method!) && { body: await json(request) }),
      },
      {
        caller: { tenant, id, role: profile === undefined ? 'client' : 'practitioner', sealed_authorization: null },
        idempotencyKey: String(request.headers['idempotency-key']),
      },
    )
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 204 ? '' : JSON.stringify(body))
  }
  const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    /** Decides on other answers from now on. */
    upset(decide: typeof upset) {
      upset = decide
      requests.length = 0
    },
    baseUrl: `http://127.0.0.1:${port}/api`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}
