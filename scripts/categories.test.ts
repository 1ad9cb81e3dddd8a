import { matchesGlob } from 'node:path/posix'

import { describe, expect, test } from 'vitest'

import { runInMemory } from '../apps/cli/src/testing/run-in-memory.ts'
import configuration from '../vitest.config.ts'
import { repositoryFiles, root } from './repository.ts'

interface Listed {
  readonly files: readonly {
    project: string
    file: string
    category: string
    markers: readonly string[]
    critical: boolean
  }[]
  readonly leftOut: readonly { project: string; file: string; category: string }[]
}

// Files that tests write or read are no tests of their own.
const testFiles = (await repositoryFiles()).filter(
  (file) =>
    /\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/.test(file) &&
    !/^tests\/.*\/fixtures\//.test(file),
)
// It is run by a test, with a configuration and services of its own.
const example = 'packages/fixtures/examples/orders/orders.test.ts'
const { stdout, stderr } = await runInMemory(['run', '--list', '--json'], { cwd: root, env: {} })

describe('the tests of this repository', () => {
  test('each file is in exactly one category and one project of keploy.yml', () => {
    expect(stderr).toBe('')
    const { files: chosen, leftOut } = JSON.parse(stdout) as Listed
    // Measuring ones run when they are asked for.
    const performance = leftOut.filter(({ project }) => project !== 'bench')
    expect(new Set(leftOut.map(({ category }) => category))).toEqual(new Set(['performance']))
    const files = [...chosen, ...performance]
    const listed = files.map(({ file }) => file)
    expect(listed.toSorted()).toEqual(testFiles.toSorted())
    expect(new Set(listed).size).toBe(listed.length)
  })

  test('each file is in exactly one project of Vitest', () => {
    const projects = (configuration.test?.projects ?? []).flatMap((project) => {
      const {
        name,
        include = [],
        exclude = [],
      } = typeof project === 'object' && 'test' in project ? (project.test ?? {}) : {}
      const fits = (file: string, globs: readonly string[]) => globs.some((glob) => matchesGlob(file, glob))
      return [{ name, holds: (file: string) => fits(file, include) && !fits(file, exclude) }]
    })
    expect(projects.length).toBeGreaterThan(1)
    const wrong = testFiles
      .filter((file) => file !== example)
      .map((file) => ({ file, projects: projects.filter(({ holds }) => holds(file)).map(({ name }) => name) }))
      .filter((found) => found.projects.length !== 1)
    expect(wrong).toEqual([])
  })

  test.each(['standard', 'adversarial', 'load_stress', 'data_pipeline', 'real_ai'])(
    'the battery %s can be selected by its marker',
    (marker) => {
      const { files } = JSON.parse(stdout) as Listed
      expect(files.filter(({ markers }) => markers.includes(marker))).not.toEqual([])
    },
  )

  test('what is covered further than the rest is mission-critical', () => {
    const { files } = JSON.parse(stdout) as Listed
    const critical = new Set(files.filter((file) => file.critical).map(({ project }) => project))
    expect([...critical]).toEqual(['critical'])
    const folders = [
      'packages/match/src/bindings/',
      'packages/recorder/src/journal/',
      'packages/redact/src/',
      'packages/validator/src/',
    ]
    const left = files.filter(({ file, critical }) => folders.some((folder) => file.startsWith(folder)) && !critical)
    expect(left).toEqual([])
  })
})
