import { brief, isObject } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { describeMatch, mismatches } from './llm-match.ts'
import type { LlmRequest } from './llm-request.ts'
import { longForm, type ScriptStep } from './reply.ts'
import type { StepRules } from './script-book.ts'

/** How the steps of the language model's endpoints are matched and described. */
export function stepRules<Reply>(): StepRules<LlmRequest, ScriptStep<Reply>> {
  return {
    mismatches: (request, step) => mismatches(request, longForm(step).match ?? {}),
    conditions: (step) => Object.keys(longForm(step).match ?? {}).length,
    describe: (step) => {
      const { match, reply, fault } = longForm(step)
      const answer =
        fault !== undefined
          ? `faults.${fault.fault}${fault.fault === 'status' ? `(${fault.status})` : '()'}`
          : typeof reply === 'function'
            ? 'a function'
            : `reply ${brief(typeof reply === 'string' ? reply : (JSON.stringify(reply) ?? ''), 80)}`
      const conditions = match === undefined ? '' : describeMatch(match)
      return conditions === '' ? answer : `{ ${conditions} } → ${answer}`
    },
    check: (step) => {
      const problem = stepProblem(step)
      if (problem === undefined) return
      throw new LlmError(
        'KEPLOY_LLM_OPTION',
        `A script's step is a text, a fault, or { match, reply, fault }; ${brief(JSON.stringify(step) ?? typeof step)} ${problem}.`,
      )
    },
  }
}

function stepProblem(step: unknown): string | undefined {
  if (typeof step === 'string') return undefined
  if (!isObject(step)) return 'is none of these'
  if (typeof step['fault'] === 'string') return undefined
  const strange = Object.keys(step).filter((key) => !['match', 'reply', 'fault'].includes(key))
  if (strange.length > 0) return `has the field ${strange.join(', ')}`
  return step['reply'] === undefined && step['fault'] === undefined ? 'does not say what to answer' : undefined
}
