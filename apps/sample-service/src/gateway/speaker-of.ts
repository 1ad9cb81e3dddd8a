import type { FastifyRequest } from 'fastify'

import { userOf } from '../auth/require-user.ts'
import type { Speaker } from './conversations.ts'

const MAX_USER_AGENT = 500

/**
 * Who speaks in a request, on a route behind `requireUser` whose headers are checked by `idempotencyHeaderSchema`. The
 * address is that of the connection: behind a proxy it is the proxy's.
 */
export function speakerOf(request: FastifyRequest): Speaker {
  const { headers, ip } = request
  const key = headers['idempotency-key']
  return {
    user: userOf(request),
    authorization: headers.authorization,
    request: { ip, user_agent: headers['user-agent']?.slice(0, MAX_USER_AGENT) ?? null },
    key: typeof key === 'string' ? key : undefined,
  }
}
