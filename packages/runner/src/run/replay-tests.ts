import type { TestResult } from '@keploy-framework/format'
import { joinChains, type CallTie } from '@keploy-framework/match'

import { defaults } from '../defaults.ts'
import type { MockSession } from '../mocks/mock-session.ts'
import { TestTurns } from '../mocks/test-locks.ts'
import type { PlannedSet, PlannedTest } from '../plan/plan-run.ts'
import { TestLibrary, type SetKnowledge } from '../plan/test-library.ts'
import { HttpSender } from '../send/http-sender.ts'
import { curlCommand } from './curl.ts'
import { filesOf } from './result-of.ts'
import type { RunScope } from './run-scope.ts'
import { runTest, type TestRunnerOptions } from './run-test.ts'
import type { SetContext } from './set-context.ts'
import { setContexts, type SetContexts } from './set-contexts.ts'
import { suiteFinder } from './suite-name.ts'

/** Sends the tests of a set, in order or in independent lanes, and fills `results` by position. */
export async function replayTests(
  set: PlannedSet,
  scope: RunScope,
  library: TestLibrary,
  results: (TestResult | undefined)[],
  mocks?: MockSession,
): Promise<void> {
  const { options, target } = scope
  const lanes = options.independent === true ? Math.max(1, options.workers ?? defaults.workers) : 1
  const senders = Array.from({ length: lanes }, () => new HttpSender(target))
  const interrupt = (): void => {
    for (const sender of senders) sender.abort('The run was interrupted.')
  }
  scope.signal.addEventListener('abort', interrupt, { once: true })
  try {
    const contexts = setContexts(library, scope, mocks)
    const replay = new Replay(set, scope, testRunner(set, scope, library, contexts), results)
    const [only] = senders
    if (lanes === 1 && only !== undefined) await replay.inOrder(contexts, only)
    else await replay.inLanes(contexts, senders, await library.know(), mocks)
  } finally {
    scope.signal.removeEventListener('abort', interrupt)
    await Promise.all(senders.map((sender) => sender[Symbol.asyncDispose]()))
  }
}

function testRunner(set: PlannedSet, scope: RunScope, library: TestLibrary, contexts: SetContexts): TestRunnerOptions {
  const { options, target } = scope
  const planned = new Set(set.tests.flatMap((test) => (test.skip ? [] : test.index)))
  return {
    retries: options.retries ?? defaults.retries,
    cleaner: options.redactor,
    suiteOf: suiteFinder(options.suites),
    fileOf: filesOf(set),
    read: (index) => library.cached(index) ?? library.read(index),
    fresh: (sender) => contexts.next(sender),
    chainBefore: async (name) => {
      const { bindings, positions } = await library.know()
      const chain = bindings.chains.find((names) => names.includes(name)) ?? []
      const before = chain.slice(0, chain.indexOf(name)).map((other) => positions.get(other) ?? -1)
      return before.filter((index) => planned.has(index))
    },
    curlOf: (test) => curlCommand(test.request, target.origin + target.basePath),
  }
}

class Replay {
  readonly #set: PlannedSet
  readonly #scope: RunScope
  readonly #runner: TestRunnerOptions
  readonly #results: (TestResult | undefined)[]
  /** Contexts of chains that were repeated, by the positions of their tests. */
  readonly #repeated = new Map<number, SetContext>()

  constructor(set: PlannedSet, scope: RunScope, runner: TestRunnerOptions, results: (TestResult | undefined)[]) {
    this.#set = set
    this.#scope = scope
    this.#runner = runner
    this.#results = results
  }

  async inOrder(contexts: SetContexts, sender: HttpSender): Promise<void> {
    // Mocks are matched by what the set tells about its values.
    let context = this.#scope.options.dependencies === undefined ? contexts.early(sender) : await contexts.next(sender)
    for (const [position, planned] of this.#set.tests.entries()) {
      if (!(await this.#one(position, planned, context))) return
      if (context.known !== undefined) context = await context.known
    }
  }

  /** Chains run beside each other; within a chain the order stays. */
  async inLanes(
    contexts: SetContexts,
    senders: readonly HttpSender[],
    knowledge: SetKnowledge,
    mocks: MockSession | undefined,
  ): Promise<void> {
    const chains = chainsOf(this.#set.tests, knowledge, mocks?.ties() ?? [])
    const turns = new TestTurns(mocks?.locks() ?? new Map())
    let next = 0
    // One context per lane is enough: a lane has one test at a time, and chains share no value.
    const lane = async (sender: HttpSender): Promise<void> => {
      const context = await contexts.next(sender)
      for (let chain = chains[next++]; chain !== undefined; chain = chains[next++]) {
        for (const position of chain) {
          const planned = this.#set.tests[position]
          if (planned === undefined) continue
          const done = await turns.take(planned.name)
          try {
            if (!(await this.#one(position, planned, context))) return
          } finally {
            done()
          }
        }
      }
    }
    await Promise.all(senders.map(lane))
  }

  /** Whether to go on. */
  async #one(position: number, planned: PlannedTest, shared: SetContext): Promise<boolean> {
    const scope = this.#scope
    if (scope.done || scope.crashed() !== undefined) return false
    if (planned.skip) return true
    const room = scope.room()
    if (room !== undefined) await room
    const context = this.#repeated.get(planned.index) ?? shared
    scope.emit({ type: 'test-started', at: scope.now(), set: context.set, test: planned.name })
    const { result, repeated } = await runTest(planned, context, this.#runner)
    // An interrupted request says nothing about its test.
    if (scope.signal.aborted && result.status === 'failed') return false
    if (repeated !== undefined) await this.#adopt(result.name, repeated)
    this.#results[position] = result
    scope.emit({ type: 'test-finished', at: scope.now(), result })
    if (scope.options.failFast === true && (result.status === 'failed' || result.status === 'blocked')) {
      scope.stopped = true
    }
    return true
  }

  /** What follows in a repeated chain needs the values of the repetition, not those of the first try. */
  async #adopt(name: string, context: SetContext): Promise<void> {
    const { bindings, positions } = await TestLibrary.of(this.#set.source).know()
    for (const other of bindings.chains.find((names) => names.includes(name)) ?? []) {
      const index = positions.get(other)
      if (index !== undefined) this.#repeated.set(index, context)
    }
  }
}

/** Positions in the plan, grouped by the values that tests share in what clients see, and in calls. */
function chainsOf(
  tests: readonly PlannedTest[],
  { bindings, positions }: SetKnowledge,
  ties: readonly CallTie[],
): number[][] {
  const planned = new Map(tests.map((test, position) => [test.index, position]))
  const chains: number[][] = []
  for (const names of joinChains(bindings.chains, ties)) {
    const chain = names.flatMap((name) => {
      const index = positions.get(name) ?? -1
      const position = planned.get(index)
      planned.delete(index)
      return position ?? []
    })
    if (chain.length > 0) chains.push(chain.sort((a, b) => a - b))
  }
  // Tests that no plan knows (their files can't be read) get their verdicts too.
  for (const position of planned.values()) chains.push([position])
  return chains
}
