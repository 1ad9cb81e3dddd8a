import { matchesGlob } from 'node:path/posix'

/** How often each line was run: path from the root, to line, to count. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>

/** A row of the table: a package, or a glob of critical files. */
export interface CoverageRow {
  readonly name: string
  /** Lines in percent that have to be covered. */
  readonly bar: number
  readonly lines: number
  readonly covered: number
  /** 0 to 100; 100 where there are no lines. */
  readonly percent: number
}

/**
 * Counts covered lines of each group of files, in the order of the groups.
 *
 * @example
 * coverageRows(hits, [{ glob: 'packages/validator/src/**', bar: 95 }])
 */
export function coverageRows(
  hits: LineHits,
  groups: readonly { readonly glob: string; readonly bar: number }[],
): CoverageRow[] {
  return groups.map(({ glob, bar }) => {
    const counts = [...hits].filter(([file]) => matchesGlob(file, glob)).flatMap(([, lines]) => [...lines.values()])
    const covered = counts.filter((count) => count > 0).length
    const percent = counts.length === 0 ? 100 : (covered / counts.length) * 100
    return { name: glob.replace(/\/\*\*$/, ''), bar, lines: counts.length, covered, percent }
  })
}

/** The rows as a table of Markdown; what is below its bar is marked. */
export function coverageTable(rows: readonly CoverageRow[]): string {
  const lines = rows.map(({ name, bar, lines: all, covered, percent }) => {
    const verdict = percent < bar ? ' **below**' : ''
    return `| \`${name}\` | ${percent.toFixed(1)} %${verdict} | ${bar} % | ${covered} of ${all} |`
  })
  return ['| files | covered | bar | lines |', '| --- | ---: | ---: | ---: |', ...lines, ''].join('\n')
}
