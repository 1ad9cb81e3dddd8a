import { z } from 'zod'

/** Whether a persona of a tenant may do something to a resource. */
export interface PolicyRequest {
  tenant: string
  persona: string | null
  /** A verb of the platform: `conversation.read`, `conversation.write`, `tool.run`. */
  action: string
  /** What it is done to: the name of a tool, say. */
  resource: string
  /** What else the rules look at: `role` of the user, `resource_tenant`. */
  context: Record<string, unknown>
}

export interface PolicyDecision {
  allow: boolean
  /** For people: which rule decided, or that none did. */
  reason: string
  /** Set when nothing was decided, which is a denial that may be none later. */
  unavailable?: true
}

/** What an engine must answer. Anything else, `allow: "true"` included, is no decision. */
export const policyDecisionSchema = z.object({ allow: z.boolean(), reason: z.string() })

/** What evaluates the rules of `policies/`. */
export interface PolicyEngine extends AsyncDisposable {
  readonly kind: 'OPA' | 'embedded OPA'
  /** The value of `data.platform.decision`. Rejects when there is none. */
  decide(request: PolicyRequest, signal: AbortSignal): Promise<unknown>
}
