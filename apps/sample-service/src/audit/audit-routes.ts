import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { requireUser, userOf } from '../auth/require-user.ts'
import type { Database } from '../database/database.ts'
import { domainErrorHandler, refusals, security, type SharedOptions } from '../domains/route-options.ts'
import { pageOptions, pageQuerySchema } from '../orchestrator/page-query.ts'
import { requirePermission } from '../policy/require-permission.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import { auditPageSchema, listActs } from './audit-log.ts'

export interface AuditRoutesOptions extends SharedOptions {
  database: Database
}

/** What was done to the keys and budgets of a tenant; mounted below `/v1/audit`. */
export const auditRoutes: FastifyPluginAsyncZod<AuditRoutesOptions> = async (app, options) => {
  const { database, verifier, policy, limiter } = options
  app.setErrorHandler(domainErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  app.get(
    '/',
    {
      schema: {
        tags: ['Administration'],
        security,
        summary: 'List who changed keys and budgets, newest first',
        description: 'For admins.',
        querystring: pageQuerySchema,
        response: { 200: auditPageSchema, ...refusals },
      },
    },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'audit.read')
      const { items, next = null } = await listActs(database, user.tenant, pageOptions(request.query))
      return { entries: items, next }
    },
  )
}
