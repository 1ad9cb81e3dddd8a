/** How often each line was run: path relative to the root of the run, to line, to count. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Sums of a run. */
export interface CoverageSummary {
  readonly lines: number
  readonly covered: number
  /** 0 to 100; 0 when there are no lines. */
  readonly percent: number
}

/** Adds up the coverage of several parts: a line is covered when any of them ran it. */
export function mergeCoverage(parts: readonly LineHits[]): Map<string, Map<number, number>> {
  const merged = new Map<string, Map<number, number>>()
  for (const part of parts) {
    for (const [file, hits] of part) {
      let lines = merged.get(file)
      if (lines === undefined) merged.set(file, (lines = new Map()))
      for (const [line, count] of hits) lines.set(line, (lines.get(line) ?? 0) + count)
    }
  }
  return new Map([...merged].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Counts lines. */
export function summarizeCoverage(hits: LineHits): CoverageSummary {
  let lines = 0
  let covered = 0
  for (const file of hits.values()) {
    for (const count of file.values()) {
      lines += 1
      if (count > 0) covered += 1
    }
  }
  return { lines, covered, percent: lines === 0 ? 0 : (covered / lines) * 100 }
}
