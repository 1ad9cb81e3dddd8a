/** A test that shows that a requirement is met. */
export interface NamedTest {
  /** From the root of the repository. */
  readonly file: string
  readonly title: string
}

export interface RequirementRow {
  readonly id: string
  readonly claim: string
  /** None in the section of what is not met. */
  readonly tests: readonly NamedTest[]
  /** Empty when it is met as it stands, else a form of `FORMS`, and what that means here. */
  readonly form: string
  /** Why it is not met. */
  readonly unmet?: string
  readonly line: number
}

/** How a requirement may be met otherwise than as it stands. */
export const FORMS = ['embedded', 'simulated', 'partial', 'otherwise'] as const

/** Under this heading stand the lines that nothing shows to be met: id, claim, reason. */
const NOT_MET = 'Not met'

/** Reads the rows of `docs/requirements.md`: `| R1-01 | claim | \`file\` › title<br>… | form |`. */
export function readRequirements(markdown: string): { rows: RequirementRow[]; problems: string[] } {
  const rows: RequirementRow[] = []
  const problems: string[] = []
  let section = ''
  for (const [index, text] of markdown.split('\n').entries()) {
    const line = index + 1
    section = /^#{2,3} (.+)$/.exec(text)?.[1] ?? section
    if (!/^\| *R/.test(text)) continue
    const [id = '', claim = '', third = '', form = '', ...more] = cellsOf(text)
    if (!/^R\d-\d\d+$/.test(id) || claim === '' || more.length > 0) {
      problems.push(`line ${line}: no row of id, claim, tests and form: ${text}`)
    } else if (section === NOT_MET) {
      rows.push({ id, claim, tests: [], form: '', unmet: third, line })
    } else {
      const { tests, wrong } = testsOf(third)
      problems.push(...wrong.map((part) => `line ${line}: ${id} names no test by \`file\` › title: ${part}`))
      rows.push({ id, claim, tests, form, line })
    }
  }
  return { rows, problems }
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\|/, '')
    .replace(/\| *$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll(String.raw`\|`, '|').trim())
}

function testsOf(cell: string): { tests: NamedTest[]; wrong: string[] } {
  const tests: NamedTest[] = []
  const wrong: string[] = []
  for (const part of cell.split('<br>').filter((text) => text !== '')) {
    const [, file, title] = /^`([^`]+)` › (.+)$/.exec(part.trim()) ?? []
    if (file && title) tests.push({ file, title })
    else wrong.push(part)
  }
  return { tests, wrong }
}
