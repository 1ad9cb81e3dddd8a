import { expect, test } from 'vitest'

import type { PolicyRequest } from '../../src/policy/policy.ts'
import type { PolicyEngine } from '../../src/policy/policy.ts'

const request = (fields: Partial<PolicyRequest>): PolicyRequest => ({
  tenant: 'clinic',
  persona: null,
  action: 'conversation.write',
  resource: 'conversation',
  context: { role: 'client' },
  ...fields,
})
const tool = (persona: string | null, resource: string, role: string): PolicyRequest =>
  request({ persona, resource, action: 'tool.run', context: { role } })

const act = (action: string, role: string): PolicyRequest =>
  request({ action, resource: action.split('.')[0]!, context: { role } })

const adminActions = [
  'api_key.rotate',
  'audit.read',
  'budget.read',
  'budget.write',
  'tenant_user.read',
  'violation.read',
]
const account = 'users have an account of their own'
const keys = 'practitioners and admins keep API keys'
const admins = 'admins run their tenant'
const talk = 'users talk in their tenant'
const all = 'practitioners run the tools of the web assistant'
const own = 'the persona has this tool'
const none = 'no rule allows this'
const foreign = 'the resource belongs to another tenant'

type Case = [string, PolicyRequest, boolean, string]

const cases: Case[] = [
  ['a client talks', request({}), true, talk],
  ['a practitioner reads', request({ action: 'conversation.read', context: { role: 'practitioner' } }), true, talk],
  ['nobody talks without a role', request({ context: {} }), false, none],
  ['an unknown role', request({ context: { role: 'root' } }), false, none],
  ['an admin does not talk', request({ context: { role: 'admin' } }), false, none],
  ['a role that is no text', request({ context: { role: { practitioner: true } } }), false, none],
  ['an unknown action', request({ action: 'conversation.delete' }), false, none],
  ['no action', request({ action: '' }), false, none],
  ['a practitioner with the web assistant', tool('web_assistant', 'delete_document', 'practitioner'), true, all],
  ['a client with the web assistant', tool('web_assistant', 'delete_document', 'client'), false, none],
  ['a client with Jaimee and her tool', tool('jaimee_therapist', 'list_goals', 'client'), true, own],
  [
    'a practitioner with Jaimee and the tool of another',
    tool('jaimee_therapist', 'search_clients', 'practitioner'),
    false,
    none,
  ],
  ['the transcriber', tool('transcriber_agent', 'generate_document', 'practitioner'), true, own],
  ['an invented persona', tool('root', 'list_goals', 'practitioner'), false, none],
  ['no persona', tool(null, 'list_goals', 'practitioner'), false, none],
  ['the cost optimizer', tool('cost_optimizer', 'analyze_costs', 'client'), true, own],
  ['the triage agent', tool('triage_agent', 'rate_urgency', 'practitioner'), true, own],
  ['the triage agent with the tool of another', tool('triage_agent', 'delete_document', 'practitioner'), false, none],
  ['a client reads their account', act('user.read', 'client'), true, account],
  ['an admin writes their account', act('user.write', 'admin'), true, account],
  ['a practitioner keeps API keys', act('api_key.write', 'practitioner'), true, keys],
  ['a client keeps no API keys', act('api_key.write', 'client'), false, none],
  ...adminActions.flatMap((action): Case[] => [
    [`an admin: ${action}`, act(action, 'admin'), true, admins],
    [`a practitioner: ${action}`, act(action, 'practitioner'), false, none],
    [`a client: ${action}`, act(action, 'client'), false, none],
  ]),
  ['the own tenant', request({ context: { role: 'client', resource_tenant: 'clinic' } }), true, talk],
  ['another tenant', request({ context: { role: 'client', resource_tenant: 'rival' } }), false, foreign],
  ['unicode', request({ tenant: 'Zoë 🎲', context: { role: 'client', resource_tenant: 'Zoë 🎲' } }), true, talk],
]

/** What every evaluation of `policies/` decides; `engine` is made once. */
export function policyContract(name: string, engine: () => PolicyEngine): void {
  test.each(cases)(`${name}: %s`, async (_case, asked, allow, reason) => {
    await expect(engine().decide(asked, AbortSignal.timeout(30_000))).resolves.toEqual({ allow, reason })
  })
}
