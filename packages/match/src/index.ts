export type {
  BindingPlan,
  Occurrence,
  PlannedKind,
  PlannedTest,
  PlannedValue,
  Position,
} from './bindings/binding-plan.ts'
export { BindingTable } from './bindings/binding-table.ts'
export type {
  BindingTableOptions,
  BindingTransaction,
  Expectation,
  LostValue,
  SubstitutedRequest,
} from './bindings/binding-table.ts'
export { BindingPlanner } from './bindings/binding-planner.ts'
export { planBindings } from './bindings/plan-bindings.ts'
export type { Route } from './bindings/route.ts'
export { detectForm, sameForm } from './forms/detect-form.ts'
export type { Form, FormContext } from './forms/detect-form.ts'
export { hasDuplicateKeys } from './json/duplicate-keys.ts'
export { ExactNumber } from './json/exact-number.ts'
export { formatPath } from './json/json-leaves.ts'
export type { PathStep } from './json/json-leaves.ts'
export { jsonParseExact } from './json/parse-exact.ts'
export type { JsonParseOptions, JsonResult, JsonValue } from './json/parse-exact.ts'
export { createNoise } from './noise/create-noise.ts'
export type { NoiseBuckets, NoiseMatcher, NoiseOptions, NoiseRules } from './noise/create-noise.ts'
export { testPattern } from './noise/test-pattern.ts'
export { canonical, skeleton } from './calls/canonical.ts'
export { joinChains, tiesOf } from './calls/call-ties.ts'
export type { CallTie } from './calls/call-ties.ts'
export { CallMatcher } from './calls/call-matcher.ts'
export type { CallMatcherOptions } from './calls/call-matcher.ts'
export type { ActiveTest, CallDifference, CallMatch, LiveCall, RecordedCall } from './calls/recorded-call.ts'
