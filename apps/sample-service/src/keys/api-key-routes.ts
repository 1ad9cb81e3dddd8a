import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { noteAct } from '../audit/audit-log.ts'
import { requireUser, userOf } from '../auth/require-user.ts'
import type { Database } from '../database/database.ts'
import { domainErrorHandler, refusals, security, type SharedOptions } from '../domains/route-options.ts'
import { HttpError } from '../http/http-error.ts'
import { requirePermission, type Action } from '../policy/require-permission.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import { idSchema } from '../schemas/id.ts'
import { errorSchema } from '../schemas/problem.ts'
import type { ApiKeyInfo, ApiKeyStore } from './api-key-store.ts'

export interface ApiKeyRoutesOptions extends SharedOptions {
  database: Database
  /** Undefined where nothing could decrypt them after this process: keys are then not taken. */
  apiKeys: ApiKeyStore | undefined
}

const value = z.string().min(1).max(10_000).describe('Never shown again.')
const newKeySchema = z.object({ name: idSchema, value }).meta({ id: 'NewApiKey' })
const newValueSchema = z.object({ value }).meta({ id: 'NewApiKeyValue' })
const keyPathSchema = z.object({ name: idSchema })
const moment = z.string().meta({ format: 'date-time' })

const apiKeySchema = z
  .object({ name: z.string(), created_at: moment, replaced_at: moment.nullable() })
  .meta({ id: 'ApiKey', description: 'A key for a service of others, without its value.' })

const shared = { tags: ['API keys'], security }

/** The API keys of a user; mounted below `/v1/api-keys`. No route shows a value. */
export const apiKeyRoutes: FastifyPluginAsyncZod<ApiKeyRoutesOptions> = async (app, options) => {
  const { database, apiKeys, verifier, policy, limiter } = options
  app.setErrorHandler(domainErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  const permitted = async (request: Parameters<typeof userOf>[0], action: Action) => {
    const user = userOf(request)
    await requirePermission(policy, user, action)
    if (!apiKeys) throw new HttpError(503, 'API keys are not taken: API_KEY_RING is not set')
    return { user, keys: apiKeys }
  }

  app.post(
    '/',
    {
      schema: {
        ...shared,
        summary: 'Store a key',
        body: newKeySchema,
        response: { 201: apiKeySchema, 409: errorSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const { user, keys } = await permitted(request, 'api_key.write')
      const { name, value: secret } = request.body
      const created = await keys.create(user, name, secret)
      if (!created) throw new HttpError(409, 'There is a key of this name')
      return reply.code(201).header('location', `${app.prefix}/${name}`).send(shownOf(created))
    },
  )

  app.get(
    '/',
    {
      schema: {
        ...shared,
        summary: 'List your keys, without their values',
        response: { 200: z.object({ keys: z.array(apiKeySchema) }), ...refusals },
      },
    },
    async (request) => {
      const { user, keys } = await permitted(request, 'api_key.read')
      return { keys: (await keys.list(user)).map(shownOf) }
    },
  )

  app.put(
    '/:name',
    {
      schema: {
        ...shared,
        summary: 'Rotate a key: put a new value in place of the old one',
        params: keyPathSchema,
        body: newValueSchema,
        response: { 200: apiKeySchema, ...refusals },
      },
    },
    async (request) => {
      const { user, keys } = await permitted(request, 'api_key.write')
      const replaced = await keys.replace(user, request.params.name, request.body.value)
      return replaced ? shownOf(replaced) : notFound()
    },
  )

  app.delete(
    '/:name',
    {
      schema: {
        ...shared,
        summary: 'Delete a key',
        params: keyPathSchema,
        response: { 204: z.undefined().describe('Deleted'), ...refusals },
      },
    },
    async (request, reply) => {
      const { user, keys } = await permitted(request, 'api_key.write')
      if (!(await keys.remove(user, request.params.name))) notFound()
      return reply.code(204).send()
    },
  )

  app.post(
    '/encryption/rotate',
    {
      schema: {
        ...shared,
        summary: 'Encrypt the keys of your tenant anew with the current key of API_KEY_RING',
        description: 'For admins. Once it was done for all tenants, the older keys may leave the ring.',
        response: { 200: z.object({ changed: z.number().int() }), ...refusals },
      },
    },
    async (request) => {
      const { user, keys } = await permitted(request, 'api_key.rotate')
      const changed = await keys.rotate(user.tenant)
      await noteAct(database.query, user, { action: 'api_key.rotate', subject: 'encryption', details: { changed } })
      return { changed }
    },
  )
}

function shownOf({ name, created_at, replaced_at }: ApiKeyInfo): z.output<typeof apiKeySchema> {
  return { name, created_at: created_at.toISOString(), replaced_at: replaced_at?.toISOString() ?? null }
}

/** Word for word the same for a key of another user. */
function notFound(): never {
  throw new HttpError(404, 'Key not found')
}
