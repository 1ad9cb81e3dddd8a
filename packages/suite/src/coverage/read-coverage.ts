import { readFile } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'

import type { LineHits } from './line-hits.ts'

/** Where paths in a report of coverage begin. */
export interface CoveragePlace {
  readonly directory: string
  readonly root: string
}

/** Reads lcov, or the JSON of Istanbul, by what stands in the file. Files outside of the root are left out. */
export async function readCoverage(path: string, place: CoveragePlace): Promise<LineHits> {
  const text = await readFile(path, 'utf8')
  const raw = text.trimStart().startsWith('{') ? readIstanbul(JSON.parse(text) as unknown) : readLcov(text)
  const hits = new Map<string, ReadonlyMap<number, number>>()
  for (const [file, lines] of raw) {
    const absolute = isAbsolute(file) ? file : resolve(place.directory, file)
    const shown = relative(place.root, absolute).split(sep).join('/')
    if (!shown.startsWith('../') && !isAbsolute(shown) && !/(?:^|\/)node_modules\//.test(shown)) hits.set(shown, lines)
  }
  return hits
}

/** Reads the records of lcov: `SF` names a file, `DA` a line and its count. */
export function readLcov(text: string): LineHits {
  const files = new Map<string, Map<number, number>>()
  let lines: Map<number, number> | undefined
  for (const record of text.split(/\r?\n/)) {
    if (record.startsWith('SF:')) {
      const file = record.slice(3)
      lines = files.get(file) ?? new Map<number, number>()
      files.set(file, lines)
    } else if (record === 'end_of_record') lines = undefined
    const [, line, count] = /^DA:(\d+),(\d+)/.exec(record) ?? []
    if (lines !== undefined && line !== undefined)
      lines.set(Number(line), (lines.get(Number(line)) ?? 0) + Number(count))
  }
  return files
}

/** Reads the JSON of Istanbul; a line has the greatest count of the statements that begin on it, as in Istanbul itself. */
export function readIstanbul(report: unknown): LineHits {
  const files = new Map<string, Map<number, number>>()
  for (const [file, data] of Object.entries((report ?? {}) as Record<string, unknown>)) {
    const { statementMap, s } = (data ?? {}) as {
      statementMap?: Record<string, { start?: { line?: unknown } } | undefined>
      s?: Record<string, unknown>
    }
    const lines = new Map<number, number>()
    for (const [id, place] of Object.entries(statementMap ?? {})) {
      const line = place?.start?.line
      const count = s?.[id]
      if (typeof line === 'number' && typeof count === 'number') lines.set(line, Math.max(lines.get(line) ?? 0, count))
    }
    files.set(file, lines)
  }
  return files
}
