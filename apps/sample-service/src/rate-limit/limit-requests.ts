import type { FastifyInstance } from 'fastify'

import { userOf } from '../auth/require-user.ts'
import { HttpError } from '../http/http-error.ts'
import type { InFlightLimiter } from './in-flight-limiter.ts'
import { TooManyRequestsError } from './too-many-requests-error.ts'

/** Limits the requests in flight of each user on the routes of this plugin; `requireUser` comes before it. */
export function limitRequests(app: FastifyInstance, limiter: InFlightLimiter): void {
  app.addHook('onRequest', async (request, reply) => {
    const { tenant, id } = userOf(request)
    // `close` comes once for every response: sent, failed, or its client gone. Only who waits for a place has to be told.
    const gone = new AbortController()
    // Nobody reads this answer. Its number keeps it out of the log of failures.
    const leave = (): void => gone.abort(new HttpError(499, 'The client has gone'))
    reply.raw.once('close', leave)
    try {
      const release = await limiter.acquire(JSON.stringify([tenant, id]), gone.signal)
      reply.raw.off('close', leave)
      reply.raw.once('close', release)
      if (reply.raw.closed) release()
    } catch (error) {
      if (error instanceof TooManyRequestsError) reply.header('retry-after', error.retryAfterSeconds)
      throw error
    }
  })
}
