import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { requireUser, userOf } from '../auth/require-user.ts'
import { userSchema } from '../auth/user.ts'
import { domainErrorHandler, refusals, security, type SharedOptions } from '../domains/route-options.ts'
import { pageOptions, pageQuerySchema } from '../orchestrator/page-query.ts'
import { requirePermission } from '../policy/require-permission.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import type { ViolationStore } from './violation-store.ts'
import { violationPageSchema } from './violation.ts'

export interface ViolationRoutesOptions extends SharedOptions {
  violations: ViolationStore
}

/** The violations of policy in a tenant; mounted below `/v1/violations`. */
export const violationRoutes: FastifyPluginAsyncZod<ViolationRoutesOptions> = async (app, options) => {
  const { violations, verifier, policy, limiter } = options
  app.setErrorHandler(domainErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  app.get(
    '/',
    {
      schema: {
        tags: ['Administration'],
        security,
        summary: 'List violations of policy in messages of your tenant, newest first',
        description: 'For admins. Messages are judged after they were taken, so the newest may come a little later.',
        querystring: pageQuerySchema.extend({ user_id: userSchema.shape.id.optional() }),
        response: { 200: violationPageSchema, ...refusals },
      },
    },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'violation.read')
      const { user_id, ...page } = request.query
      const { items, next = null } = await violations.list(user.tenant, { ...pageOptions(page), user_id })
      return { violations: items, next }
    },
  )
}
