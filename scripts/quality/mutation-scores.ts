/** What is read of Stryker's report: https://github.com/stryker-mutator/mutation-testing-elements */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>
}

/** Mutants of one file, or of all. */
export interface Score {
  /** Changes that a test noticed, endless loops among them. */
  readonly killed: number
  /** Changes that tests ran and did not notice. */
  readonly survived: number
  /** Changes that no test ran. */
  readonly uncovered: number
  /** Changes that were not tried. */
  readonly ignored: number
  /** Killed ones of those that were tried, 0 to 100; 100 where there are none. */
  readonly percent: number
}

export interface MutationScores {
  readonly total: Score
  /** By path, those with the lowest score first. */
  readonly files: readonly (readonly [file: string, score: Score])[]
}

/**
 * Counts the mutants of the files under a folder.
 *
 * @example
 * mutationScores(report, 'packages/validator/src/').total.percent
 */
export function mutationScores(report: MutationReport, folder: string): MutationScores {
  const entries = Object.entries(report.files).filter(([file]) => file.startsWith(folder))
  const files = entries.map(([file, { mutants }]) => [file, scoreOf(mutants)] as const)
  return {
    total: scoreOf(entries.flatMap(([, { mutants }]) => mutants)),
    files: files.toSorted(([a, first], [b, second]) => first.percent - second.percent || (a < b ? -1 : 1)),
  }
}

function scoreOf(mutants: MutationReport['files'][string]['mutants']): Score {
  const count = (...statuses: string[]): number => mutants.filter(({ status }) => statuses.includes(status)).length
  const killed = count('Killed', 'Timeout')
  const survived = count('Survived')
  const uncovered = count('NoCoverage')
  const tried = killed + survived + uncovered
  return {
    killed,
    survived,
    uncovered,
    ignored: count('Ignored'),
    percent: tried === 0 ? 100 : (killed / tried) * 100,
  }
}

/** The scores as a table of Markdown: all, then the files in which mutants are left. */
export function scoreTable(name: string, { total, files }: MutationScores): string {
  const row = (label: string, { killed, survived, uncovered, ignored, percent }: Score): string =>
    `| ${label} | ${percent.toFixed(1)} % | ${killed} | ${survived} | ${uncovered} | ${ignored} |`
  const left = files.filter(([, { survived, uncovered }]) => survived + uncovered > 0)
  return [
    `| ${name} | score | killed | survived | not covered | not tried |`,
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    row('**all**', total),
    ...left.map(([file, score]) => row(file, score)),
    '',
  ].join('\n')
}
