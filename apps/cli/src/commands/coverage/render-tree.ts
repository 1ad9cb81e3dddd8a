import { printableLine } from '../../cli/printable.ts'
import { groupOf } from './endpoints.ts'
import type { CalledRoute, Endpoint } from './endpoints.ts'

export interface CoverageReport {
  readonly source: string
  readonly endpoints: readonly Endpoint[]
  /** Recorded calls that no operation of the OpenAPI document describes. */
  readonly undescribed: readonly CalledRoute[]
}

/** The tree of an API by group, each endpoint marked as tested or not. */
export function renderTree(report: CoverageReport): string {
  const { endpoints, source, undescribed } = report
  const tested = endpoints.filter(({ tests }) => tests.length > 0).length
  const lines = [
    `API coverage: ${tested} of ${endpoints.length} endpoints tested (${percent(tested, endpoints.length)})`,
  ]
  lines.push(`Endpoints from ${source}`, '')
  for (const [group, members] of grouped(endpoints)) {
    lines.push(group)
    members.forEach((endpoint, index) => {
      const branch = index === members.length - 1 ? '└─' : '├─'
      const mark = endpoint.tests.length > 0 ? '✓' : '✗'
      lines.push(`  ${branch} ${mark} ${endpoint.method.padEnd(7)}${endpoint.path.padEnd(44)} ${count(endpoint)}`)
    })
  }
  if (undescribed.length > 0) {
    lines.push('', 'Recorded, but not described:')
    for (const { method, path, test } of undescribed) lines.push(`  ${method.padEnd(7)}${path}  (${test})`)
  }
  return lines.map(printableLine).join('\n') + '\n'
}

/** The same as data. */
export function coverageJson({ endpoints, source, undescribed }: CoverageReport): object {
  const tested = endpoints.filter(({ tests }) => tests.length > 0).length
  return { version: 1, source, total: endpoints.length, tested, endpoints, undescribed }
}

function grouped(endpoints: readonly Endpoint[]): Map<string, Endpoint[]> {
  const groups = new Map<string, Endpoint[]>()
  for (const endpoint of endpoints) {
    const group = groupOf(endpoint.path)
    groups.set(group, [...(groups.get(group) ?? []), endpoint])
  }
  return groups
}

function count({ tests }: Endpoint): string {
  if (tests.length === 0) return 'no test'
  return tests.length === 1 ? '1 test' : `${tests.length} tests`
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((100 * part) / whole).toFixed(1)} %`
}
