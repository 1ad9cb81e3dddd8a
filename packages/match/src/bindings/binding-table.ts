import type { BoundValue, SecretRecord, TestRequest } from '@keploy-framework/format'

import type { BindingPlan, Position } from './binding-plan.ts'

/** What comparing one recorded value with its live one came to. `unbound`: it is no planned value; compare as it is. */
export type Expectation = 'equal' | 'bound' | 'mismatch' | 'unbound'

export interface BindingTableOptions {
  /** The value of secret N from the environment or the secrets file; asked only when no response has shown it. */
  readonly lookup?: (number: number) => string | undefined
  /** What the set knows about its secrets; used to check the form of live ones. */
  readonly secrets?: readonly SecretRecord[]
}

/** A request with live values in place of recorded ones. */
export interface SubstitutedRequest {
  readonly request: TestRequest
  /** The pairs that were put in. */
  readonly used: readonly BoundValue[]
  /** Numbers of secrets that have no value here: the test is blocked. */
  readonly missing: readonly number[]
}

/** One attempt of one test: keep what it bound, or take it back before a retry. */
export interface BindingTransaction {
  commit(): void
  rollback(): void
}

export class BindingTable {
  readonly plan: BindingPlan

  constructor(plan: BindingPlan, _options: BindingTableOptions = {}) {
    this.plan = plan
  }

  beginTest(_name: string): BindingTransaction {
    return { commit: () => undefined, rollback: () => undefined }
  }

  substituteRequest(request: TestRequest): SubstitutedRequest {
    return { request, used: [], missing: [] }
  }

  expect(_recorded: string | number, _live: string | number, _position: Position): Expectation {
    return 'unbound'
  }

  list(): BoundValue[] {
    return []
  }
}
