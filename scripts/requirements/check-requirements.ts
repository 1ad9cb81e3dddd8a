import { FORMS, readRequirements, type RequirementRow } from './requirements-table.ts'
import { hasTitle, readTestTitles, type TestTitles } from './test-titles.ts'

export interface RequirementsReport {
  readonly rows: readonly RequirementRow[]
  /** What makes the table untrue, each in one line. */
  readonly problems: readonly string[]
}

/**
 * Holds a table of requirements against the tests that it names.
 *
 * @param sourceOf gives the text of a file of the repository, and undefined when there is none
 */
export function checkRequirements(
  markdown: string,
  sourceOf: (file: string) => string | undefined,
): RequirementsReport {
  const { rows, problems } = readRequirements(markdown)
  const titles = new Map<string, TestTitles | undefined>()
  const titlesOf = (file: string): TestTitles | undefined => {
    if (!titles.has(file)) {
      const source = sourceOf(file)
      titles.set(file, source === undefined ? undefined : readTestTitles(source))
    }
    return titles.get(file)
  }
  const seen = new Set<string>()
  for (const { id, line, tests, form, unmet } of rows) {
    const tell = (problem: string): unknown => problems.push(`line ${line}: ${id} ${problem}`)
    if (seen.has(id)) tell('stands twice')
    seen.add(id)
    if (unmet === '') tell('does not say why it is not met')
    if (unmet === undefined && tests.length === 0) tell('has no test')
    if (form !== '' && !FORMS.some((word) => form === word || form.startsWith(`${word}: `))) {
      tell(`is met in a form that is none of ${FORMS.join(', ')}: ${form}`)
    }
    for (const { file, title } of tests) {
      const found = titlesOf(file)
      if (!found) tell(`names a file that is not there: ${file}`)
      else if (!hasTitle(found, title)) tell(`names no test of ${file}: ${title}`)
    }
  }
  return { rows, problems }
}

/** How many requirements there are, and how they are met, in one line. */
export function summarize({ rows }: RequirementsReport): string {
  const unmet = rows.filter((row) => row.unmet !== undefined).length
  const forms = FORMS.map((word) => `${rows.filter(({ form }) => form.startsWith(word)).length} ${word}`)
  const tests = new Set(rows.flatMap((row) => row.tests.map(({ file, title }) => `${file} ${title}`)))
  return `${rows.length} requirements, ${tests.size} tests: ${forms.join(', ')}, ${unmet} not met`
}
