import { z } from 'zod'

import { userSchema } from '../auth/user.ts'

const { id, email, subscription } = userSchema.shape

/** What a user says about themselves. Who they are, their token says. */
export const newAccountSchema = z
  .object({
    email: email.optional().describe('Default: that of the token.'),
    subscription: subscription.optional().describe('The plan that is paid for. Default: that of the token.'),
  })
  .meta({ id: 'NewAccount' })

/** A user as the platform knows them. */
export const accountSchema = z
  .object({
    user_id: z.string().describe('The `sub` of their tokens. Unique within the tenant.'),
    tenant: z.string(),
    email: z.string().nullable(),
    subscription: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Account' })

export const accountPathSchema = z.object({ user_id: id })

export type Account = z.output<typeof accountSchema>
