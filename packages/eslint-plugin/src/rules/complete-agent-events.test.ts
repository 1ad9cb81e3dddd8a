import { tester } from '../testing/rule-tester.ts'
import { completeAgentEvents } from './complete-agent-events.ts'

const all = "'agent_started', 'agent_thinking', 'tool_executing', 'tool_completed', 'agent_completed'"
const missing = (events: string) => ({ messageId: 'missing', data: { missing: events } })
const order = (event: string, where: string) => ({ messageId: 'order', data: { event, where } })

tester.run('complete-agent-events', completeAgentEvents, {
  valid: [
    `assertWebSocketEvents(events, [${all}])`,
    "assertWebSocketEvents(events, ['agent_started', 'agent_thinking', 'agent_completed'])",
    "assertWebSocketEvents(events, ['agent_started', 'agent_thinking', 'agent_thinking', { type: 'tool_executing' }, 'tool_executing', 'tool_completed', 'tool_completed', 'agent_completed'])",
    { name: 'other events', code: "assertWebSocketEvents(events, ['ack', 'done'])" },
    { name: 'a part that cannot be told', code: "assertWebSocketEvents(events, ['agent_started', ...rest])" },
    {
      name: 'an execution that fails',
      code: "assertWebSocketEvents(events, ['agent_started', 'agent_thinking', 'agent_failed'])",
    },
    {
      name: 'one that must not hold',
      code: "expect(() => assertWebSocketEvents(events, ['agent_completed'])).toThrow()",
    },
    `expect(types).toEqual([${all}])`,
    { name: 'arrays of something else', code: "expect(names).toEqual(['agent_started', 'other'])" },
    "expect(types).not.toEqual(['agent_started', 'agent_completed'])",
  ],
  invalid: [
    {
      code: "assertWebSocketEvents(events, ['agent_started', 'agent_completed'])",
      errors: [missing('agent_thinking')],
    },
    {
      code: "assertWebSocketEvents(events, [{ type: 'agent_completed', ok: true }], { mode: 'subsequence' })",
      errors: [missing('agent_started, agent_thinking')],
    },
    { code: "await client.sequence(['agent_started', 'agent_thinking'])", errors: [missing('agent_completed')] },
    { code: "expect(types).toStrictEqual(['agent_started', 'agent_completed'])", errors: [missing('agent_thinking')] },
    {
      code: "checkEvents(events, ['agent_started'])",
      options: [{ functions: ['checkEvents'] }],
      errors: [missing('agent_thinking, agent_completed')],
    },
    {
      code: "assertWebSocketEvents(events, ['agent_thinking', 'agent_started', 'agent_completed'])",
      errors: [order('agent_started', 'after agent_thinking')],
    },
    {
      code: "assertWebSocketEvents(events, ['agent_started', 'agent_thinking', 'tool_completed', 'tool_executing', 'agent_completed'])",
      errors: [order('tool_completed', 'before tool_executing')],
    },
    {
      code: "assertWebSocketEvents(events, ['agent_started', 'agent_thinking', 'tool_executing', 'agent_completed'])",
      errors: [order('agent_completed', 'before tool_completed')],
    },
    {
      code: "assertWebSocketEvents(events, ['agent_started', 'tool_executing', 'tool_completed', 'agent_thinking', 'agent_completed'])",
      errors: [order('tool_executing', 'before agent_thinking')],
    },
    {
      code: "assertWebSocketEvents(events, ['agent_started', 'agent_thinking', 'agent_completed', 'agent_thinking'])",
      errors: [order('agent_thinking', 'after agent_completed')],
    },
    {
      code: "assertWebSocketEvents(events, ['agent_started', 'agent_thinking', 'agent_completed', 'agent_completed'])",
      errors: [order('agent_completed', 'twice')],
    },
    { code: `assertWebSocketEvents(events, [${all}], { mode: 'anyOrder' })`, errors: [{ messageId: 'mode' }] },
  ],
})
