import type { Category, Project, TestFile } from '../model.ts'

/** What one process runs: files of one project. */
export interface Part {
  readonly project: Project
  readonly files: readonly TestFile[]
  /** Runs before all others, and is never left out. */
  readonly critical: boolean
  /** Runs when nothing else does: what it measures would not hold otherwise. */
  readonly alone: boolean
}

const ORDER: readonly Category[] = ['mission_critical', 'unit', 'integration', 'e2e', 'performance']

/**
 * Cuts a choice into parts, in the order in which they start: mission-critical ones, then fast before slow categories,
 * performance at the end. Within a part the files keep their order.
 */
export function planParts(files: readonly TestFile[]): Part[] {
  const groups = new Map<string, TestFile[]>()
  for (const file of files) {
    const key = JSON.stringify([file.project.name, file.critical, file.category === 'performance'])
    const group = groups.get(key)
    if (group) group.push(file)
    else groups.set(key, [file])
  }
  const parts = [...groups.values()].flatMap((group): Part[] => {
    const [first] = group
    if (first === undefined) return []
    const alone = first.category === 'performance'
    return [{ project: first.project, files: group, critical: first.critical, alone }]
  })
  const rank = (part: Part): number =>
    (part.alone ? 100 : 0) -
    (part.critical ? 10 : 0) +
    Math.min(...part.files.map((file) => ORDER.indexOf(file.category)))
  return parts.toSorted((a, b) => rank(a) - rank(b))
}
