import type { InputIssue } from '../vocabulary/issue.ts'
import type { TestCase, TestSet } from '../vocabulary/test-case.ts'
import { readSetConfig } from './set-config.ts'
import { openTestSet, type OpenTestSetOptions } from './test-set-reader.ts'

/** A set, and what is wrong with its files. Tests that can't be read are missing from the set. */
export interface ReadTestSet {
  readonly set: TestSet
  readonly issues: InputIssue[]
}

/**
 * Reads a whole set, in replay order. For large sets, `openTestSet` reads one test at a time.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_NOT_FOUND` when there is no such set.
 * @example
 * const { set, issues } = await readTestSet('keploy/test-set-0')
 */
export async function readTestSet(directory: string, options: OpenTestSetOptions = {}): Promise<ReadTestSet> {
  const reader = await openTestSet(directory, options)
  const config = await readSetConfig(directory)
  const issues: InputIssue[] = [...reader.issues, ...config.issues]
  const tests: TestCase[] = []
  const files = new Map<string, string>()
  for (const [position, entry] of reader.index.entries()) {
    const parsed = await reader.read(position)
    issues.push(...parsed.issues)
    if (parsed.test === undefined) continue
    const other = files.get(parsed.test.name)
    if (other !== undefined) {
      issues.push({
        code: 'KEPLOY_FORMAT_DUPLICATE_NAME',
        severity: 'error',
        message: `The name ${parsed.test.name} is taken by ${other} already.`,
        file: entry.file,
        path: 'name',
        suggestion: 'Give each test of a set a name of its own.',
      })
      continue
    }
    files.set(parsed.test.name, entry.file)
    tests.push(parsed.test)
  }
  const { scripts, templates } = config
  return {
    set: { name: reader.name, directory, tests, secrets: reader.sidecar.secrets, scripts, templates },
    issues,
  }
}
