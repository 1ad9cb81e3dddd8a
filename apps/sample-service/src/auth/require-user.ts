import type { FastifyInstance, FastifyRequest } from 'fastify'

import { tokenOfHeaders } from './token-of-request.ts'
import type { TokenVerifier } from './token-verifier.ts'
import { UnauthorizedError } from './unauthorized-error.ts'
import type { User } from './user.ts'

/** What the description of a route says of its token. */
export const bearer = [{ bearer: [] }]

const USER = 'user'

/** Lets only requests with a valid token reach the routes of this plugin. They are refused before anything else is read. */
export function requireUser(app: FastifyInstance, verifier: TokenVerifier): void {
  app.decorateRequest(USER)
  app.addHook('onRequest', async (request, reply) => {
    const token = tokenOfHeaders(request.headers)
    try {
      if (token === undefined) throw new UnauthorizedError('A token is needed: Authorization: Bearer TOKEN')
      request.setDecorator<User>(USER, (await verifier.verify(token)).user)
    } catch (error) {
      if (error instanceof UnauthorizedError) {
        reply.header('www-authenticate', token === undefined ? 'Bearer' : 'Bearer error="invalid_token"')
      }
      throw error
    }
  })
}

/** Who sent this request, on a route behind `requireUser`. */
export function userOf(request: FastifyRequest): User {
  return request.getDecorator<User>(USER)
}
