/** What is read of a run's report: the results of its tests. */
export interface RepeatedRun {
  readonly sets: readonly {
    readonly tests: readonly {
      readonly file: string
      readonly name: string
      readonly status: string
      /** How often it ran. */
      readonly attempts: number
      /** `flaky`: it passed and failed in one run. */
      readonly tags: readonly string[]
    }[]
  }[]
}

/** How steady tests are that ran several times. */
export interface FlakinessFigures {
  /** Tests that ran at least twice. */
  readonly measured: number
  /** Those of them that passed and failed. */
  readonly flaky: readonly string[]
  /** Those that never passed. */
  readonly failed: readonly string[]
  /** Flaky ones in percent of the measured ones; 0 where there are none. */
  readonly percent: number
}

/** Counts the tests of a run with `--repeat`. */
export function flakinessFigures({ sets }: RepeatedRun): FlakinessFigures {
  const tests = sets.flatMap((set) => set.tests)
  const measured = tests.filter(({ attempts }) => attempts > 1)
  const named = (list: typeof tests): string[] => list.map(({ file, name }) => `${file} > ${name}`)
  const flaky = measured.filter(({ tags }) => tags.includes('flaky'))
  const failed = tests.filter(({ status, tags }) => /^(?:failed|blocked)$/.test(status) && !tags.includes('flaky'))
  const percent = measured.length === 0 ? 0 : (flaky.length / measured.length) * 100
  return { measured: measured.length, flaky: named(flaky), failed: named(failed), percent }
}

/** The figures as Markdown, with every test by name that is not steady. */
export function flakinessText({ measured, flaky, failed, percent }: FlakinessFigures, bar: number): string {
  const head = `${flaky.length} of ${measured} tests passed and failed with the same sources: ${percent.toFixed(2)} % (bar: below ${bar} %)`
  const list = (title: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : ['', `${title}:`, ...names.map((name) => `- ${name}`)]
  return [head, ...list('Flaky', flaky), ...list('Failed each time', failed), ''].join('\n')
}
