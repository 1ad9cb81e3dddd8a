import type { Failure, RunResult, TestResult } from '@keploy-framework/format'

/** A field that differed between two replays of the same code, with both values as evidence. */
export interface NoiseProposal {
  readonly set: string
  readonly test: string
  readonly file: string
  /** As it stands in a test's noise: `body.items.id`, `header.X-Trace`. */
  readonly path: string
  readonly recorded: unknown
  readonly first: unknown
  readonly second: unknown
}

export interface NoiseFindings {
  readonly proposals: readonly NoiseProposal[]
  /** Failures with the same value in both replays: the service changed, no rule should hide that. */
  readonly changes: readonly { readonly set: string; readonly test: string; readonly failure: Failure }[]
  /** Tests that were blocked: nothing was compared, so nothing is known. */
  readonly blocked: readonly { readonly set: string; readonly test: string; readonly reason: string }[]
}

/**
 * Tells noise from change: what differs between two replays of the same code is noise; what fails alike in both is a
 * change. A field that failed in one replay only was equal by luck in the other, and is noise too.
 */
export function proposeNoise(first: RunResult, second: RunResult): NoiseFindings {
  const proposals: NoiseProposal[] = []
  const changes: { set: string; test: string; failure: Failure }[] = []
  const blocked: { set: string; test: string; reason: string }[] = []
  const secondTests = new Map(allTests(second).map((test) => [testKey(test), test]))
  for (const test of allTests(first)) {
    const other = secondTests.get(testKey(test))
    if (!other) continue
    if (test.status === 'blocked' || other.status === 'blocked') {
      blocked.push({ set: test.set, test: test.name, reason: (test.failures[0] ?? other.failures[0])?.message ?? '' })
      continue
    }
    const otherFailures = new Map(other.failures.map((failure) => [failureKey(failure), failure]))
    for (const failure of test.failures) {
      const twin = otherFailures.get(failureKey(failure))
      otherFailures.delete(failureKey(failure))
      if (!canBeNoise(failure) || (twin && same(failure.actual, twin.actual))) {
        changes.push({ set: test.set, test: test.name, failure })
      } else {
        proposals.push(proposal(test, failure, failure.actual, twin ? twin.actual : failure.expected))
      }
    }
    for (const failure of otherFailures.values()) {
      if (canBeNoise(failure)) proposals.push(proposal(test, failure, failure.expected, failure.actual))
      else changes.push({ set: test.set, test: test.name, failure })
    }
  }
  return { proposals: unique(proposals), changes, blocked }
}

/** `body.items[3].id` is noise for every element: `body.items.id`. */
export function noisePath(path: string): string {
  return path.replace(/\[\d+\]/g, '')
}

function canBeNoise({ kind, path }: Failure): boolean {
  return (kind === 'body' && path.startsWith('body.')) || (kind === 'header' && path.startsWith('header.'))
}

function proposal(test: TestResult, failure: Failure, first: unknown, second: unknown): NoiseProposal {
  const { set, name, file } = test
  return { set, test: name, file, path: noisePath(failure.path), recorded: failure.expected, first, second }
}

function unique(proposals: readonly NoiseProposal[]): NoiseProposal[] {
  const seen = new Map<string, NoiseProposal>()
  for (const each of proposals) {
    const key = JSON.stringify([each.set, each.test, each.path])
    if (!seen.has(key)) seen.set(key, each)
  }
  return [...seen.values()]
}

function allTests(result: RunResult): TestResult[] {
  return result.sets.flatMap((set) => set.tests)
}

function testKey({ set, name }: TestResult): string {
  return JSON.stringify([set, name])
}

function failureKey({ kind, path }: Failure): string {
  return `${kind} ${path}`
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
