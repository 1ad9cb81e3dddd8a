import { canonical, skeleton, type RecordedCall } from '@keploy-framework/match'

/**
 * Which tests must not be under way at the same time: those that ask the same and are answered differently. Nobody can say
 * whose call it is that arrives, so the plan sees to it that the question does not come up. Gives, by test, the names of
 * what it needs alone.
 */
export function locksOf(calls: Iterable<RecordedCall>): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Map<string, string>>()
  const locks = new Map<string, Set<string>>()
  const add = (test: string, lock: string): void => {
    const own = locks.get(test) ?? new Set()
    locks.set(test, own.add(lock))
  }
  for (const call of calls) {
    if (call.lifetime !== 'test') continue
    // Nobody knows which of them made it, so only one of them may be there to take it.
    if (call.tests.length > 1) for (const test of call.tests) add(test, `call ${call.name}`)
    // Generated values are no help: they are bound only when the call is answered.
    const key = `${call.dependency} ${call.operation} ${skeleton(call.key())}`
    const answers = asked.get(key) ?? new Map<string, string>()
    asked.set(key, answers)
    const answer = canonical(call.response())
    for (const test of call.tests) answers.set(test, `${answers.get(test) ?? ''}\n${answer}`)
  }
  for (const [key, answers] of asked) {
    if (new Set(answers.values()).size < 2) continue
    for (const test of answers.keys()) add(test, key)
  }
  return locks
}

/** Lets tests go on when nobody holds what they need; each takes all of it at once, so none waits for ever. */
export class TestTurns {
  readonly #locks: ReadonlyMap<string, ReadonlySet<string>>
  readonly #held = new Set<string>()
  #waiting: (() => void)[] = []

  constructor(locks: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#locks = locks
  }

  /** Resolves when the test may start; call what it gives when the test is over. */
  async take(test: string): Promise<() => void> {
    const needed = [...(this.#locks.get(test) ?? [])]
    while (needed.some((lock) => this.#held.has(lock))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    for (const lock of needed) this.#held.add(lock)
    return () => {
      for (const lock of needed) this.#held.delete(lock)
      const waiting = this.#waiting
      this.#waiting = []
      for (const wake of waiting) wake()
    }
  }
}
