import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { validationErrorSchema } from '../schemas/problem.ts'
import { developer, type DevelopmentTokens } from './development-tokens.ts'
import { userSchema } from './user.ts'

const { id, tenant, role, email, subscription } = userSchema.shape

const wishSchema = z.object({
  id: id.default(developer.id),
  tenant: tenant.default(developer.tenant),
  role: role.default(developer.role),
  email: email.default(developer.email),
  subscription: subscription.default(developer.subscription),
  expires_in: z
    .number()
    .int()
    .min(-86_400)
    .max(86_400)
    .default(3_600)
    .describe('Seconds. A negative one gives a stale token.'),
})

/** `POST /dev/token`: a token for anybody. Registered only while tokens are signed by a key of this process. */
export const developmentRoutes: FastifyPluginAsyncZod<{ tokens: DevelopmentTokens }> = async (app, { tokens }) => {
  app.post(
    '/token',
    {
      schema: {
        tags: ['Development'],
        summary: 'Get a token, as whoever you like',
        description: 'Only there without AUTH_SECRET and AUTH_JWKS_URL. Tokens end with the process.',
        body: wishSchema.nullish(),
        response: { 200: z.object({ token: z.string(), user: userSchema }), 422: validationErrorSchema },
      },
    },
    async (request) => {
      const { expires_in, ...user } = request.body ?? wishSchema.parse({})
      return { token: await tokens.issue(user, expires_in), user }
    },
  )
}
