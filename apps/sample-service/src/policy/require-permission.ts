import type { User } from '../auth/user.ts'
import { HttpError } from '../http/http-error.ts'
import type { PolicyClient } from './policy-client.ts'

/**
 * Lets go on only what the policy allows a user.
 *
 * @throws HttpError 403 with the reason of the denial; 503 when nothing could be decided
 */
export async function requirePermission(
  policy: PolicyClient,
  { tenant, role }: Pick<User, 'tenant' | 'role'>,
  action: 'conversation.read' | 'conversation.write',
  persona: string | null = null,
): Promise<void> {
  const { allow, reason, unavailable } = await policy.evaluate({
    tenant,
    persona,
    action,
    // The session itself is no part of the question: whose it is was asked of its owner, and answers can be used again.
    resource: 'conversation',
    context: { role },
  })
  if (!allow) throw new HttpError(unavailable ? 503 : 403, `Denied: ${reason}`)
}
