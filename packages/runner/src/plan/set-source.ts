import {
  openTestSet,
  readSetConfig,
  type InputIssue,
  type SecretRecord,
  type TestCase,
  type TestSet,
} from '@keploy-framework/format'

import { outlineOf, TestLibrary } from './test-library.ts'

/** What planning needs to know of a test without reading it. */
export interface TestOutline {
  readonly name: string
  /** Relative to the set's folder. */
  readonly file: string
  readonly tags: readonly string[]
  readonly skip: boolean
  readonly only: boolean
}

/** A test as it was read, or what is wrong with its file. */
export interface ReadTest {
  readonly test?: TestCase
  readonly issues: readonly InputIssue[]
}

/** A set whose tests are read one by one, so that a large one never lies in memory whole. */
export interface TestSetSource {
  readonly name: string
  readonly directory: string
  /** In replay order. */
  readonly tests: readonly TestOutline[]
  readonly secrets: readonly SecretRecord[]
  /** What the set's `secret.yaml` holds. */
  readonly secretValues: Readonly<Record<string, unknown>>
  readonly scripts: TestSet['scripts']
  readonly templates: Readonly<Record<string, unknown>>
  read(index: number): Promise<ReadTest>
}

/**
 * Opens a set on disk. Its tests are read when they are needed.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_NOT_FOUND` when there is no such set
 * @example
 * const { source } = await openSource('keploy/test-set-0')
 */
export async function openSource(
  directory: string,
  options: { readonly name?: string } = {},
): Promise<{ source: TestSetSource; issues: InputIssue[] }> {
  const [reader, config] = await Promise.all([openTestSet(directory, options), readSetConfig(directory)])
  const source: TestSetSource = {
    name: reader.name,
    directory,
    secrets: reader.sidecar.secrets,
    secretValues: config.secrets,
    scripts: config.scripts,
    templates: config.templates,
    tests: reader.index.map(({ name, file }) => {
      const entry = reader.sidecar.tests.get(name)
      return { name, file, tags: entry?.tags ?? [], skip: entry?.skip ?? false, only: entry?.only ?? false }
    }),
    read: (index) => reader.read(index),
  }
  return { source: new TestLibrary(source), issues: [...reader.issues, ...config.issues] }
}

/**
 * A source of a set that is in memory already.
 *
 * @example
 * const source = sourceOf(set)
 * const { test } = await source.read(0)
 */
export function sourceOf(set: TestSet): TestSetSource {
  return {
    name: set.name,
    directory: set.directory,
    secrets: set.secrets,
    secretValues: {},
    scripts: set.scripts,
    templates: set.templates,
    tests: set.tests.map(outlineOf),
    read: async (index) => {
      const test = set.tests[index]
      return test === undefined ? { issues: [] } : { test, issues: [] }
    },
  }
}
