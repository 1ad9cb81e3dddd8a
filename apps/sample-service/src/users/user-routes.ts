import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { requireUser, userOf } from '../auth/require-user.ts'
import { domainErrorHandler, refusals, security, type SharedOptions } from '../domains/route-options.ts'
import { HttpError } from '../http/http-error.ts'
import { requirePermission } from '../policy/require-permission.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import { errorSchema } from '../schemas/problem.ts'
import { accountPathSchema, accountSchema, newAccountSchema } from './user-account.ts'
import type { UserStore } from './user-store.ts'

export interface UserRoutesOptions extends SharedOptions {
  users: UserStore
}

const shared = { tags: ['Users'], security }

/** The accounts of users; mounted below `/v1/users`. */
export const userRoutes: FastifyPluginAsyncZod<UserRoutesOptions> = async (app, options) => {
  const { users, verifier, policy, limiter } = options
  app.setErrorHandler(domainErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  app.post(
    '/',
    {
      schema: {
        ...shared,
        summary: 'Create your account',
        description: 'The id and the tenant are those of the token. An account is made once.',
        body: newAccountSchema,
        response: { 201: accountSchema, 409: errorSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'user.write')
      const { email = user.email, subscription = user.subscription } = request.body
      const account = await users.create({ ...user, email, subscription })
      if (!account) throw new HttpError(409, 'The account exists')
      return reply
        .code(201)
        .header('location', `${app.prefix}/${encodeURIComponent(user.id)}`)
        .send(account)
    },
  )

  app.get(
    '/me',
    { schema: { ...shared, summary: 'Read your account', response: { 200: accountSchema, ...refusals } } },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'user.read')
      return (await users.find(user)) ?? notFound()
    },
  )

  app.get(
    '/:user_id',
    {
      schema: {
        ...shared,
        summary: 'Read an account of your tenant',
        description: 'Your own; an admin reads all of the tenant.',
        params: accountPathSchema,
        response: { 200: accountSchema, ...refusals },
      },
    },
    async (request) => {
      const { tenant, id, role } = userOf(request)
      const { user_id } = request.params
      if (user_id === id) await requirePermission(policy, { tenant, role }, 'user.read')
      else await requirePermission(policy, { tenant, role }, 'tenant_user.read').catch(hidden)
      return (await users.find({ tenant, id: user_id })) ?? notFound()
    },
  )
}

/** Word for word the same for an account that one may not read. */
function notFound(): never {
  throw new HttpError(404, 'User not found')
}

/** A denial would be no secret, and a 404 tells even less. That nothing could be decided is told. */
function hidden(error: unknown): never {
  if (error instanceof HttpError && error.statusCode === 403) notFound()
  throw error
}
