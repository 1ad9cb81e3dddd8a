import { resolve } from 'node:path'

import type { ResolvedConfig } from './resolved-config.ts'
import type { WrittenConfig } from './schema/written-config.ts'
import { newTree } from './tree.ts'
import { parseDuration } from './units.ts'

type WrittenRun = NonNullable<WrittenConfig['run']>
type Complete = {
  readonly [
    K in 'projects' | 'quarantine' | 'quarantineFile' | 'workers' | 'coverageThreshold' | 'budget'
  ]: NonNullable<WrittenRun[K]>
}

/** Resolves `run:`; `base` is the folder that relative paths begin at. */
export function resolveRun(run: Complete, base: string): ResolvedConfig['run'] {
  return {
    projects: run.projects.map((project) => ({
      name: project.name,
      kind: project.kind,
      files: (project.files ?? []).map(String),
      exclude: (project.exclude ?? []).map(String),
      ...(project.category !== undefined && { category: project.category }),
      markers: (project.markers ?? []).map(String),
      command: project.command ?? '',
      service: project.service ?? '',
      directory: resolve(base, project.cwd ?? ''),
      env: variables(project.env ?? {}),
      critical: project.critical ?? false,
      timeoutMs: milliseconds(project.timeout ?? 0),
      report: project.report ?? '',
      coverage: project.coverage ?? '',
    })),
    quarantine: run.quarantine.map(({ test, reason, until }) => ({
      ...(test !== undefined && { test }),
      ...(reason !== undefined && { reason }),
      ...(until !== undefined && { until }),
    })),
    quarantineFile: run.quarantineFile === '' ? '' : resolve(base, run.quarantineFile),
    workers: run.workers,
    coverageThreshold: run.coverageThreshold,
    budgetMs: milliseconds(run.budget),
  }
}

function variables(written: Readonly<Record<string, unknown>>): Record<string, string> {
  const result = newTree() as Record<string, string>
  for (const name of Object.keys(written)) result[name] = String(written[name])
  return result
}

function milliseconds(value: number | string): number {
  return typeof value === 'number' ? value * 1_000 : (parseDuration(value) ?? 0)
}
