import type { Rule } from 'eslint'
import type * as ESTree from 'estree'

import { calleeOf } from '../ast/callee.ts'
import { leftOut } from '../ast/left-out.ts'
import { unwrap } from '../ast/nodes.ts'
import { testCall } from '../ast/test-calls.ts'
import { numberValue, propertyOf } from '../ast/values.ts'
import { commentOf } from '../comments.ts'
import { createRule, optionsOf } from '../create-rule.ts'
import { isDay, parseQuarantine } from '../quarantine.ts'

const DEFAULTS = {
  require: 'either' as 'either' | 'both',
  maxDays: undefined as number | undefined,
  today: undefined as string | undefined,
}
const FORM = '// quarantine: <reason>; until <YYYY-MM-DD>; plan: <what will be done>'
const DAY = 86_400_000

/** A test that is put aside comes back only when somebody has said why, and until when. */
export const quarantineWithReason = createRule({
  name: 'quarantine-with-reason',
  description: 'Require the reason and the plan of tests that are skipped or run again when they fail',
  messages: {
    missing: `{{how}} puts a test aside without saying why. Write above it: ${FORM}`,
    reason: `The quarantine has no reason. Write: ${FORM}`,
    plan: `The quarantine has no end. Add {{missing}}: ${FORM}`,
    date: "'{{until}}' is no day. Write it as YYYY-MM-DD.",
    expired: 'The quarantine ended on {{until}}. Mend the test, or say anew why it has to wait.',
    tooLong: 'The quarantine holds until {{until}}, more than {{maxDays}} days from now. Take an earlier day.',
  },
  options: {
    require: { enum: ['either', 'both'] },
    maxDays: { type: 'integer', minimum: 1 },
    today: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
  },
  create(context) {
    const options = optionsOf(context, DEFAULTS)
    return {
      CallExpression(node) {
        const call = testCall(node)
        const reasons =
          call && call.kind !== 'hook' ? leftOut(call, node).filter(({ kind }) => kind !== 'conditional') : []
        const how = reasons[0]?.how ?? retriesOfAll(node)
        if (how !== undefined) check(context, node, how, options)
      },
    }
  },
})

/** `jest.retryTimes(3)`, `vi.setConfig({ retry: 3 })`, `test.describe.configure({ retries: 3 })` */
function retriesOfAll(node: ESTree.CallExpression): string | undefined {
  const name = calleeOf(node.callee).path.join('.')
  const argument = node.arguments[0] && unwrap(node.arguments[0])
  if (name === 'jest.retryTimes') return numberValue(argument) === 0 ? undefined : name
  if (!/^(?:vi\.setConfig|test\.describe\.configure|test\.configure)$/.test(name)) return undefined
  const retries = propertyOf(argument, 'retry') ?? propertyOf(argument, 'retries')
  return retries && numberValue(retries) !== 0 ? name : undefined
}

function check(context: Rule.RuleContext, node: ESTree.CallExpression, how: string, options: typeof DEFAULTS): void {
  const report = (messageId: string, data: Record<string, string> = {}) => context.report({ node, messageId, data })
  const quarantine = parseQuarantine(commentOf(node, context.sourceCode))
  if (!quarantine) return report('missing', { how })
  const { reason, until, plan } = quarantine
  if (!/\p{L}{2}/u.test(reason)) return report('reason')
  if (until === undefined && plan === undefined) return report('plan', { missing: 'a day, a plan, or both' })
  if (options.require === 'both' && (until === undefined || plan === undefined)) {
    return report('plan', { missing: until === undefined ? 'a day' : 'a plan' })
  }
  if (until === undefined) return
  if (!isDay(until)) return report('date', { until })
  const now = new Date()
  // The day of those who read the report, and not that of Greenwich.
  const today = options.today ?? new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
  if (until < today) return report('expired', { until })
  const days = (Date.parse(until) - Date.parse(today)) / DAY
  if (options.maxDays !== undefined && days > options.maxDays)
    report('tooLong', { until, maxDays: String(options.maxDays) })
}
