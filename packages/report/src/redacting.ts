import type { Failure, ResponseSnapshot, RunEvent, RunResult, TestResult } from '@keploy-framework/format'

type Redact = (text: string) => string

/** An event in which every text that came from outside went through `redact`; the tool's own words stay. */
export function redactEvent(event: RunEvent, redact: Redact): RunEvent {
  switch (event.type) {
    case 'run-started':
      return {
        ...event,
        target: redact(event.target),
        sets: event.sets.map((set) => ({ ...set, name: redact(set.name) })),
      }
    case 'step':
      return { ...event, title: redact(event.title) }
    case 'notice':
      return { ...event, message: redact(event.message) }
    case 'set-started':
    case 'set-finished':
      return { ...event, set: redact(event.set) }
    case 'test-started':
      return { ...event, set: redact(event.set), test: redact(event.test) }
    case 'test-finished':
      return { ...event, result: redactTest(event.result, redact) }
    case 'run-finished':
      return { ...event, result: redactResult(event.result, redact) }
    default:
      return event satisfies never
  }
}

/**
 * A result in which every text that came from outside went through `redact`.
 *
 * @example
 * redactResult(result, (text) => text.replaceAll('hunter2', '{{secret.1}}'))
 */
export function redactResult(result: RunResult, redact: Redact): RunResult {
  return {
    ...result,
    sets: result.sets.map((set) => ({
      ...set,
      name: redact(set.name),
      tests: set.tests.map((test) => redactTest(test, redact)),
    })),
  }
}

function redactTest(test: TestResult, redact: Redact): TestResult {
  return {
    ...test,
    set: redact(test.set),
    name: redact(test.name),
    suite: redact(test.suite),
    file: redact(test.file),
    method: redact(test.method),
    path: redact(test.path),
    failures: test.failures.map((failure) => redactFailure(failure, redact)),
    bound: test.bound.map((value) => ({
      ...value,
      recorded: redact(value.recorded),
      live: redact(value.live),
      form: redact(value.form),
      where: redact(value.where),
    })),
    rules: test.rules.map(({ path, rule }) => ({ path: redact(path), rule: redact(rule) })),
    tags: test.tags.map(redact),
    ...(test.curl === undefined ? {} : { curl: redact(test.curl) }),
    ...(test.expected === undefined ? {} : { expected: redactSnapshot(test.expected, redact) }),
    ...(test.actual === undefined ? {} : { actual: redactSnapshot(test.actual, redact) }),
  }
}

function redactFailure(failure: Failure, redact: Redact): Failure {
  return {
    ...failure,
    path: redact(failure.path),
    message: redact(failure.message),
    ...('expected' in failure ? { expected: redactValue(failure.expected, redact) } : {}),
    ...('actual' in failure ? { actual: redactValue(failure.actual, redact) } : {}),
  }
}

function redactSnapshot(snapshot: ResponseSnapshot, redact: Redact): ResponseSnapshot {
  return {
    ...snapshot,
    headers: snapshot.headers.map(([name, value]) => [redact(name), redact(value)] as const),
    body: redact(snapshot.body),
  }
}

function redactValue(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((item) => redactValue(item, redact))
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  // Keys come from recordings: without a prototype, `__proto__` is a key like any other.
  const copy = Object.create(null) as Record<string, unknown>
  for (const [key, item] of Object.entries(value)) copy[redact(key)] = redactValue(item, redact)
  return copy
}
