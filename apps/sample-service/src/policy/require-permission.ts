import type { User } from '../auth/user.ts'
import { HttpError } from '../http/http-error.ts'
import type { PolicyClient } from './policy-client.ts'

/** What users do on routes; `policies/` says who may. */
export type Action =
  | 'conversation.read'
  | 'conversation.write'
  | 'user.read'
  | 'user.write'
  | 'tenant_user.read'
  | 'api_key.read'
  | 'api_key.write'
  | 'api_key.rotate'
  | 'budget.read'
  | 'budget.write'
  | 'violation.read'
  | 'audit.read'

/**
 * Lets go on only what the policy allows a user.
 *
 * @throws HttpError 403 with the reason of the denial; 503 when nothing could be decided
 */
export async function requirePermission(
  policy: PolicyClient,
  { tenant, role }: Pick<User, 'tenant' | 'role'>,
  action: Action,
  persona: string | null = null,
): Promise<void> {
  const { allow, reason, unavailable } = await policy.evaluate({
    tenant,
    persona,
    action,
    // Only the kind: whose session or key it is is asked elsewhere, so that answers can be used again.
    resource: action.slice(0, action.indexOf('.')),
    context: { role },
  })
  if (!allow) throw new HttpError(unavailable ? 503 : 403, `Denied: ${reason}`)
}
