import type { TestCase } from '@keploy-framework/format'

import type { BindingPlan } from './binding-plan.ts'

export function planBindings(tests: readonly TestCase[]): BindingPlan {
  return { values: new Map(), tests: new Map(), chains: tests.map(({ name }) => [name]), producersOf: () => [] }
}
