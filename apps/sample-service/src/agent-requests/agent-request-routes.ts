import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { requireUser, userOf } from '../auth/require-user.ts'
import { domainErrorHandler, refusals, security, type SharedOptions } from '../domains/route-options.ts'
import { speakerOf } from '../gateway/speaker-of.ts'
import { HttpError } from '../http/http-error.ts'
import { idempotencyHeaderSchema } from '../idempotency/idempotency-key.ts'
import { requirePermission } from '../policy/require-permission.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import {
  acceptedAgentRequestSchema,
  agentRequestPathSchema,
  agentRequestSchema,
  agentRequestStateSchema,
} from './agent-request.ts'
import type { AgentRequests } from './agent-requests.ts'

export interface AgentRequestRoutesOptions extends SharedOptions {
  agentRequests: AgentRequests
}

const shared = { tags: ['Agents'], security }

/** Requests to agents; mounted below `/v1/agents/requests`. */
export const agentRequestRoutes: FastifyPluginAsyncZod<AgentRequestRoutesOptions> = async (app, options) => {
  const { agentRequests, verifier, policy, limiter } = options
  app.setErrorHandler(domainErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  app.post(
    '/',
    {
      schema: {
        ...shared,
        summary: 'Ask an agent for advice',
        description:
          'Answers as soon as the request is stored. What the agent does comes on the WebSocket of the session; the result is read at `Location`.',
        headers: idempotencyHeaderSchema,
        body: agentRequestSchema,
        response: { 202: acceptedAgentRequestSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'conversation.write', request.body.agent)
      const { event } = await agentRequests.accept(request.body, speakerOf(request))
      const { event_id, session_id } = event
      return reply
        .code(202)
        .header('location', `${app.prefix}/${event_id}`)
        .send({ request_id: event_id, session_id, status: 'running' })
    },
  )

  app.get(
    '/:request_id',
    {
      schema: {
        ...shared,
        summary: 'Read a request and its result',
        params: agentRequestPathSchema,
        response: { 200: agentRequestStateSchema, ...refusals },
      },
    },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'conversation.read')
      const found = await agentRequests.find(request.params.request_id, user)
      // Word for word the same for a request of another user.
      if (!found) throw new HttpError(404, 'Request not found')
      return found
    },
  )
}
