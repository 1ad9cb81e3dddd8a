import { fileId } from '../model.ts'
import type { Category, TestFile } from '../model.ts'

/** Which files a run is about; what is absent leaves nothing out. */
export interface Choice {
  readonly categories?: readonly Category[]
  /** See `parseMarkers`. */
  readonly marker?: (markers: ReadonlySet<string>) => boolean
  /** Whether a path, relative to the root of the run, is asked for. */
  readonly testFile?: (shown: string) => boolean
  /** Ids of the files with tests that failed last. */
  readonly lastFailed?: ReadonlySet<string>
  /** Take the category `performance` without being asked for it. Default: false. */
  readonly performance?: boolean
}

/** A file that a run leaves out, and why. */
export interface LeftOut {
  readonly file: TestFile
  readonly reason: string
}

/** What a run does. */
export interface Chosen {
  readonly files: readonly TestFile[]
  readonly leftOut: readonly LeftOut[]
  /** Mission-critical files that the filters would have left out. */
  readonly kept: readonly TestFile[]
}

/**
 * Applies filters. A mission-critical file is taken whatever they say.
 *
 * @example
 * choose(files, { categories: ['unit'] }).files
 */
export function choose(files: readonly TestFile[], choice: Choice): Chosen {
  const taken: TestFile[] = []
  const leftOut: LeftOut[] = []
  const kept: TestFile[] = []
  for (const file of files) {
    const reason = reasonAgainst(file, choice)
    if (reason === undefined) taken.push(file)
    else if (file.critical) {
      taken.push(file)
      kept.push(file)
    } else leftOut.push({ file, reason })
  }
  return { files: taken, leftOut, kept }
}

function reasonAgainst(file: TestFile, choice: Choice): string | undefined {
  const { categories = [], marker, testFile, lastFailed, performance = false } = choice
  if (testFile !== undefined && !testFile(file.shown)) return 'not the file that is asked for'
  if (categories.length > 0 && !categories.includes(file.category)) return `category ${file.category}`
  const asked = categories.length > 0 || testFile !== undefined
  if (!asked && file.category === 'performance' && !performance) return 'category performance is not asked for'
  if (marker !== undefined && !marker(new Set(file.markers))) return 'its markers do not fit'
  if (lastFailed !== undefined && !lastFailed.has(fileId(file))) return 'did not fail the last time'
  return undefined
}
