import type { InputIssue, Mappings } from '@keploy-framework/format'
import { oneLine } from '@keploy-framework/wire'

/** A document that others may name. */
export interface NamedDocument {
  readonly name: string
  readonly file: string
  /** What a server says by itself names the mock that comes before it. */
  readonly after?: string
  /** Where the document begins; asked for where something is wrong with it. */
  readonly line: () => number | undefined
}

/** Names that are listed; more would hide the rest. */
const LISTED = 5

/**
 * What is wrong with the names by which documents of a set refer to each other: news that would never be told, and
 * mappings that name what is not there, or what is there more than once. `complete`: every document of the set could be read.
 */
export function checkLinks(
  documents: readonly NamedDocument[],
  mappings: Mappings | undefined,
  { complete }: { readonly complete: boolean },
): InputIssue[] {
  const byName = new Map<string, NamedDocument[]>()
  for (const document of documents) byName.set(document.name, [...(byName.get(document.name) ?? []), document])
  const issues: InputIssue[] = []
  for (const document of documents) {
    const problem = problemOf(document, byName)
    if (problem !== undefined) issues.push(issueOf(document, problem))
  }
  return [...issues, ...mappingIssues(byName, mappings, complete)]
}

/** Why news would never be told: what it waits for is not there, or waits for the news itself. */
function problemOf(document: NamedDocument, byName: ReadonlyMap<string, readonly NamedDocument[]>): string | undefined {
  const seen = new Set([document.name])
  for (let { after } = document; after !== undefined;) {
    // A document of several calls names each by its number.
    const next: NamedDocument | undefined = byName.get(after)?.[0] ?? byName.get(after.replace(/#\d+$/, ''))?.[0]
    if (next === undefined) {
      // The one that names it is told for itself.
      return seen.size > 1 ? undefined : `it comes after ${oneLine(after, 100)}, which is in no file of mocks`
    }
    if (seen.has(next.name)) return `it comes after ${oneLine(document.after ?? '', 100)}, which comes after it`
    seen.add(next.name)
    after = next.after
  }
  return undefined
}

function issueOf({ name, file, line }: NamedDocument, problem: string): InputIssue {
  const at = line()
  return {
    code: 'KEPLOY_MOCK_INVALID',
    severity: 'error',
    message: `The mock ${oneLine(name, 100)} is never said: ${problem}.`,
    path: 'spec.metadata.after',
    file,
    ...(at !== undefined && { line: at }),
  }
}

function mappingIssues(
  byName: ReadonlyMap<string, readonly NamedDocument[]>,
  mappings: Mappings | undefined,
  complete: boolean,
): InputIssue[] {
  const mapped = new Set([...(mappings?.tests.values() ?? [])].flatMap((mocks) => mocks.map(({ name }) => name)))
  const missing = complete ? [...mapped].filter((name) => !byName.has(name)) : []
  const several = [...mapped].filter((name) => (byName.get(name)?.length ?? 0) > 1)
  const issues: InputIssue[] = []
  const told = { code: 'KEPLOY_MOCK_INVALID', severity: 'warning', path: 'tests', file: 'mappings.yaml' } as const
  if (missing.length > 0) {
    const message = `The mappings name mocks that are in no file: ${listOf(missing)}.`
    issues.push({ ...told, message })
  }
  if (several.length > 0) {
    const files = [...new Set(several.flatMap((name) => byName.get(name)?.map(({ file }) => file) ?? []))].join(', ')
    const message = `The mappings name mocks of which there are several in ${files}, and mean all of them: ${listOf(several)}.`
    issues.push({ ...told, message })
  }
  return issues
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map((name) => oneLine(name, 100))
  const more = names.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
