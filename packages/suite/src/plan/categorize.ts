import { SuiteError } from '../errors.ts'
import { CATEGORIES } from '../model.ts'
import type { Category, Project, TestFile } from '../model.ts'
import type { Labels } from './read-labels.ts'

const SHOWN = 10

/** A file whose category is not yet decided. */
export interface LabelledFile {
  readonly project: Project
  readonly path: string
  readonly shown: string
  readonly labels: Labels
}

/**
 * Puts every file into its category. A file has the one that it says itself, else that of its project.
 *
 * @throws SuiteError `KEPLOY_RUN_CATEGORY` naming every file that is in none, or in two
 */
export function categorize(files: readonly LabelledFile[]): TestFile[] {
  const problems: string[] = []
  const result: TestFile[] = []
  const seen = new Map<string, TestFile>()
  for (const { project, path, shown, labels } of files) {
    const said = new Set<Category>(labels.categories)
    if (project.category !== undefined) said.add(project.category)
    if (said.size === 0 && project.fallbackCategory !== undefined) said.add(project.fallbackCategory)
    const [category] = said
    if (category === undefined) {
      problems.push(`${shown} is in no category`)
      continue
    }
    if (said.size > 1) {
      problems.push(`${shown} is in ${[...said].join(' and ')}`)
      continue
    }
    const critical = project.critical || category === 'mission_critical' || labels.markers.includes('no_skip')
    const file = { project, path, shown, category, critical, markers: markersOf(project, labels) }
    const other = project.kind === 'command' ? undefined : seen.get(shown)
    if (other !== undefined) {
      problems.push(`${shown} is in the projects ${other.project.name} and ${project.name}`)
      continue
    }
    seen.set(shown, file)
    result.push(file)
  }
  if (problems.length > 0) throw unclear(problems)
  return result
}

function markersOf(project: Project, labels: Labels): string[] {
  return [...new Set([...project.markers, ...labels.markers])]
}

function unclear(problems: readonly string[]): SuiteError {
  const more = problems.length > SHOWN ? `\nand ${problems.length - SHOWN} more` : ''
  return new SuiteError(
    'KEPLOY_RUN_CATEGORY',
    `Every test belongs to exactly one category (${CATEGORIES.join(', ')}), in one project:\n${problems.slice(0, SHOWN).join('\n')}${more}\n` +
      'Set `category` of the project in keploy.yml, or write `@category unit` in a comment of the file, or put it into a folder of that name.',
  )
}
