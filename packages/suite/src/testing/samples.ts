import type { Project, TestFile } from '../model.ts'

/** A project with what a test wants to choose. */
export function project(parts: Partial<Project> = {}): Project {
  return {
    name: 'p',
    kind: 'vitest',
    directory: '/shop',
    files: ['**/*.test.ts'],
    exclude: [],
    markers: [],
    critical: false,
    command: '',
    env: {},
    timeoutMs: 60_000,
    report: '',
    coverage: '',
    service: '',
    ...parts,
  }
}

/** A test file with what a test wants to choose. */
export function testFile(path: string, parts: Partial<TestFile> = {}): TestFile {
  return { project: project(), path, shown: path, category: 'unit', markers: [], critical: false, ...parts }
}
