import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { noteAct } from '../audit/audit-log.ts'
import { requireUser, userOf } from '../auth/require-user.ts'
import type { Database } from '../database/database.ts'
import { domainErrorHandler, refusals, security, type SharedOptions } from '../domains/route-options.ts'
import { requirePermission } from '../policy/require-permission.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import { NOBODY, type BudgetManager, type TenantConfig } from './budget-manager.ts'

export interface BudgetRoutesOptions extends SharedOptions {
  database: Database
  budgets: BudgetManager & TenantConfig
  /** Those that have a budget of their own. */
  personas: ReadonlyMap<string, unknown>
}

const limit = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable()

const budgetSchema = z
  .object({
    limit: limit.describe('Tokens that each persona may use. Null: any number.'),
    usage: z
      .array(z.object({ persona: z.string(), total_tokens: z.number().int() }))
      .describe(`What was used; \`${NOBODY}\` is no persona.`),
  })
  .meta({ id: 'Budget' })

const newLimitSchema = z.object({ limit }).meta({ id: 'NewBudgetLimit' })

const shared = { tags: ['Administration'], security }

/** The token budget of a tenant; mounted below `/v1/budget`. For admins. */
export const budgetRoutes: FastifyPluginAsyncZod<BudgetRoutesOptions> = async (app, options) => {
  const { database, budgets, personas, verifier, policy, limiter } = options
  app.setErrorHandler(domainErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  const read = async (tenant: string) => {
    const names = [...personas.keys(), NOBODY]
    const [limitOfTenant = null, totals] = await Promise.all([
      budgets.budgetLimit(tenant),
      budgets.usage(tenant, names),
    ])
    return {
      limit: limitOfTenant,
      usage: names.map((persona, index) => ({ persona, total_tokens: totals[index]! })),
    }
  }

  app.get(
    '/',
    {
      schema: {
        ...shared,
        summary: 'Read the token budget of your tenant, and what is used of it',
        description: 'For admins.',
        response: { 200: budgetSchema, ...refusals },
      },
    },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'budget.read')
      return read(user.tenant)
    },
  )

  app.put(
    '/',
    {
      schema: {
        ...shared,
        summary: 'Limit the tokens of each persona of your tenant',
        description: 'For admins. Holds from the next message on. Who did it stands in `/v1/audit`.',
        body: newLimitSchema,
        response: { 200: budgetSchema, ...refusals },
      },
    },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'budget.write')
      const { limit: wanted } = request.body
      await database.query.transaction().execute(async (transaction) => {
        await noteAct(transaction, user, { action: 'budget.write', subject: 'limit', details: { limit: wanted } })
        // Last: a limit that cannot be set is not noted either.
        await budgets.setBudgetLimit(user.tenant, wanted ?? undefined)
      })
      return read(user.tenant)
    },
  )
}
