/**
 * Segment: whoever tries the tool for the first time
 * Goal: a first success within minutes
 * Value: packages that install, import and type-check
 * Impact: people stay
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { packPackages, type PackedPackage } from '../../scripts/pack.ts'
import { publicPackages, root } from '../../scripts/repository.ts'

const run = promisify(execFile)
const packages = await publicPackages()
const bins = packages.flatMap(({ manifest }) => Object.keys(manifest.bin ?? {}))

// An ordinary project outside of this repository: npm, no workspace, nothing but the tarballs.
let directory: string
let project: string
let packed: PackedPackage[]

/** What a person at a terminal has: none of the variables that npm and Vitest set for scripts, and this PATH. */
function terminal(path: string[]): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(lifecycle|package|command|config_.*prefix)|VITEST|NODE_ENV|NODE_PATH|INIT_CWD|PNPM)/.test(name),
  )
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), NO_COLOR: '1' }
}

const machine = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
// npm runs on the Node that it came with, because that is how it finds the machine's settings for registries.
const npmEnv = terminal(machine)
// What was installed runs on the Node that the packages ask for.
const env = terminal([dirname(process.execPath), ...machine])

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keploy-install-'))
  project = join(directory, 'project')
  await mkdir(project)
  packed = await packPackages(directory)
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({
      name: 'consumer',
      private: true,
      type: 'module',
      dependencies: Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`])),
      devDependencies: { '@types/node': '^22.0.0' },
      // The packages depend on each other by version; none of them is on a registry yet at this version.
      overrides: Object.fromEntries(packed.map(({ name }) => [name, `$${name}`])),
    }),
  )
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: project,
    env: npmEnv,
    timeout: 240_000,
  })
}, 300_000)

afterAll(() => rm(directory, { recursive: true, force: true }))

describe('in an empty npm project', () => {
  test.each(packages.map(({ manifest }) => manifest.name))('%s is imported by its name', async (name) => {
    const entries = Object.keys(packages.find(({ manifest }) => manifest.name === name)?.manifest.exports ?? {})
    for (const entry of entries) {
      const module = join(name, entry).replaceAll('\\', '/')
      const attributes = entry.endsWith('.json') ? `, { with: { type: 'json' } }` : ''
      const script = `console.log(Object.keys(await import(${JSON.stringify(module)}${attributes})).length)`
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: project, env })
      expect(Number(stdout), `${module} exports nothing`).toBeGreaterThan(0)
    }
  })

  test.each(bins)('%s prints its help', async (bin) => {
    const { stdout, stderr } = await run(join(project, 'node_modules/.bin', bin), ['--help'], { cwd: project, env })
    expect(stdout).toContain('Usage')
    expect(stderr).toBe('')
  })

  test('keploy-framework --version prints the version of the package', async () => {
    const { stdout } = await run(join(project, 'node_modules/.bin/keploy-framework'), ['--version'], {
      cwd: project,
      env,
    })
    const installed = JSON.parse(await readFile(join(project, 'node_modules/keploy-framework/package.json'), 'utf8'))
    expect(stdout.trim()).toContain(installed.version)
  })

  test('an import in TypeScript type-checks, declarations of the packages included', async () => {
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'es2023',
          lib: ['es2024', 'esnext.disposable'],
          module: 'nodenext',
          moduleResolution: 'nodenext',
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
          types: ['node'],
        },
        files: ['consumer.ts'],
      }),
    )
    const imports = packages.map(({ manifest }, index) => `import * as module${index} from '${manifest.name}'`)
    const uses = packages.map((_, index) => `module${index}`)
    await writeFile(
      join(project, 'consumer.ts'),
      `${imports.join('\n')}\nexport const modules = [${uses.join(', ')}]\n`,
    )
    const compiled = await run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json'], {
      cwd: project,
      env,
    }).catch((error: { stdout: string }) => error)
    expect(compiled.stdout).toBe('')
  })
})
