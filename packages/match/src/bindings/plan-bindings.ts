import type { TestCase } from '@keploy-framework/format'

import type { BindingPlan } from './binding-plan.ts'
import { BindingPlanner } from './binding-planner.ts'

/**
 * Finds which recorded values a replay will see change, and which tests depend on which, from the tests alone: values
 * in a generated form (ids, tokens, times), and values that flow from a response into a later request. What a client
 * sent first is the client's. Short values, words and whole numbers are taken only as ids in id positions, each for its
 * own entity. `tests` stand in recorded order.
 *
 * @example
 * const plan = planBindings(set.tests)
 * plan.producersOf('delete-sessions-by-id-1') // ['post-sessions-1']
 */
export function planBindings(tests: readonly TestCase[]): BindingPlan {
  const planner = new BindingPlanner()
  for (const test of tests) planner.add(test)
  for (const index of planner.unresolved()) {
    const test = tests[index]
    if (test !== undefined) planner.resolve(index, test)
  }
  return planner.plan()
}
