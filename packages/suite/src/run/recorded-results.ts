import { posix } from 'node:path'

import type { Part } from '../plan/plan-parts.ts'
import { notRun } from './part-results.ts'
import type { RunTest } from './part-results.ts'
import type { RecordedOutcome } from './suite-options.ts'

/** The results of replayed sets, each of which is a file of the part. */
export function recordedResults(part: Part, outcome: RecordedOutcome, interrupted: boolean): RunTest[] {
  const files = new Map(part.files.map((file) => [file.path, file]))
  // Sets of two services may have one name.
  const ofService = part.project.service === '' ? '' : `${part.project.service}/`
  const results = outcome.tests.flatMap((result): RunTest[] => {
    const file = files.get(result.set)
    if (file === undefined) return []
    const tags = [...new Set([...result.tags, file.category, ...file.markers])]
    // The name of the set is the first step of the file's path.
    return [
      {
        file,
        result: {
          ...result,
          set: `${ofService}${result.set}`,
          file: posix.join(posix.dirname(file.shown), result.file),
          tags,
        },
      },
    ]
  })
  const seen = new Set(results.map(({ file }) => file))
  const silent = part.files.filter((file) => !seen.has(file))
  const message = interrupted ? 'The run was interrupted.' : 'The set has no test that can be run.'
  results.push(...notRun(silent, { status: interrupted ? 'skipped' : 'failed', kind: 'blocked', message }))
  const [first] = part.files
  const failed = results.some(({ result }) => result.status === 'failed' || result.status === 'blocked')
  if (outcome.problem !== undefined && first !== undefined && !failed && !interrupted) {
    results.push(...notRun([first], { status: 'failed', kind: 'crashed', message: outcome.problem }))
  }
  return results
}
