import { dirname, relative } from 'node:path/posix'
import { join } from 'node:path/posix'

import { describe, expect, test } from 'vitest'

import { importedModules, readLayers } from './layers.ts'
import { readText, repositoryFiles, workspacePackages } from './repository.ts'

const files = await repositoryFiles()
const packages = await workspacePackages()
const layers = await readLayers()
const nameOf = new Map(packages.map(({ name, manifest }) => [manifest.name, name]))

const sources = await Promise.all(
  files
    .filter(
      (file) => /^(packages|apps|scripts|tests|bench)\/.*\.ts$/.test(file) && !/\/(fixtures|templates)\//.test(file),
    )
    .map(async (file) => ({ file, text: await readText(file).catch(() => '') })),
)
const productSources = sources.filter(({ file }) => /^(packages|apps)\/[^/]+\/src\//.test(file))

/** `packages/format/src/x.ts` → `packages/format` */
const ownerOf = (file: string) => file.split('/').slice(0, 2).join('/')

/** The workspace package that a module name means, by folder name. */
function workspaceTarget(module: string): string | undefined {
  const name = module.split('/').slice(0, module.startsWith('@') ? 2 : 1)
  return nameOf.get(name.join('/'))
}

describe('the layer table in docs/architecture.md', () => {
  test('lists every package of the workspace, and no other', () => {
    expect([...layers.keys()].sort()).toEqual(packages.map(({ name }) => name).sort())
  })

  test.each(packages)('allows each workspace dependency of $name', ({ name, manifest }) => {
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    const targets = declared.flatMap((dependency) => nameOf.get(dependency) ?? [])
    expect(targets.filter((target) => !layers.get(name)?.has(target))).toEqual([])
  })

  test.each(packages)('allows each import in the sources of $name', ({ name, directory }) => {
    const imports = productSources
      .filter(({ file }) => ownerOf(file) === directory)
      // What a service runs with is nothing of ours; its tests stand on the fixtures, as those of any service do.
      .filter(({ file }) => name !== 'sample-service' || !file.endsWith('.test.ts'))
      .flatMap(({ file, text }) => importedModules(text).map((module) => ({ file, target: workspaceTarget(module) })))
    const refused = imports.filter(({ target }) => target && target !== name && !layers.get(name)?.has(target))
    expect(refused).toEqual([])
  })

  test('has no cycles', () => {
    const visit = (name: string, path: string[]): void => {
      expect(path, `${[...path, name].join(' → ')} is a cycle`).not.toContain(name)
      for (const next of layers.get(name) ?? []) visit(next, [...path, name])
    }
    for (const name of layers.keys()) visit(name, [])
  })
})

describe('modules', () => {
  test('no package reaches into another one by path', () => {
    const leaving = productSources.flatMap(({ file, text }) =>
      importedModules(text)
        .filter(
          (module) => module.startsWith('.') && relative(ownerOf(file), join(dirname(file), module)).startsWith('..'),
        )
        .map((module) => `${file}: ${module}`),
    )
    expect(leaving).toEqual([])
  })

  test('imports name the file with its ending, and Node modules with node:', () => {
    const wrong = productSources.flatMap(({ file, text }) =>
      importedModules(text)
        .filter((module) =>
          module.startsWith('.')
            ? !/\.(ts|js|json)$/.test(module)
            : /^(fs|path|net|http|https|os|url|crypto|stream|zlib|events|util|child_process)(\/|$)/.test(module),
        )
        .map((module) => `${file}: ${module}`),
    )
    expect(wrong).toEqual([])
  })

  test('index.ts only re-exports, one name at a time', () => {
    const wrong = productSources
      .filter(({ file }) => /^(packages|apps)\/[^/]+\/src\/index\.ts$/.test(file))
      .filter(({ text }) => {
        const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '')
        return code.replaceAll(/export\s+(?:type\s+)?\{[^}*]*\}\s*from\s*'[^']+';?/g, '').trim() !== ''
      })
    expect(wrong.map(({ file }) => file)).toEqual([])
  })

  test('nothing is exported as default, configuration files apart', () => {
    const wrong = sources.filter(({ file, text }) => !file.endsWith('.config.ts') && /^export default\b/m.test(text))
    expect(wrong.map(({ file }) => file)).toEqual([])
  })

  test('no file is longer than 600 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 601)
    expect(long.map(({ file }) => file)).toEqual([])
  })
})

describe('the repository', () => {
  test.each([
    ['CONTRIBUTING.md', /npm test/],
    ['CODE_OF_CONDUCT.md', /./],
    ['SECURITY.md', /./],
    ['.github/PULL_REQUEST_TEMPLATE.md', /./],
    ['.github/ISSUE_TEMPLATE/bug.yml', /./],
    ['.github/ISSUE_TEMPLATE/idea.yml', /./],
    ['.changeset/config.json', /changelog/],
    ['.github/workflows/ci.yml', /pull_request:/],
    ['.github/workflows/nightly.yml', /cron: '0 2 \* \* \*'/],
    ['.github/workflows/ci.yml', /npm run audit/],
  ])('%s is there, with %s', async (file, part) => {
    expect(await readText(file)).toMatch(part)
  })

  test('no test runs alone', () => {
    const alone = sources.filter(
      ({ file, text }) => file.endsWith('.test.ts') && /^\s*(?:test|it|describe)\.only\b/m.test(text),
    )
    expect(alone.map(({ file }) => file)).toEqual([])
  })

  test('no file names a folder of the machine that it was written on', async () => {
    const texts = files.filter((file) => /\.(ts|js|json|ya?ml|md|sh)$|^\.ci\//.test(file) && file !== 'pnpm-lock.yaml')
    const machinePath = /(?<![\w.$}~-])\/(?:work|root|Users\/\w+|home\/(?!runner\b)\w+)\/[\w.-]/
    const wrong = await Promise.all(
      texts.map(async (file) => {
        const line = (await readText(file).catch(() => '')).split('\n').find((text) => machinePath.test(text))
        return line === undefined ? [] : [`${file}: ${line.trim().slice(0, 120)}`]
      }),
    )
    expect(wrong.flat()).toEqual([])
  })

  test.each(packages.filter(({ manifest }) => !manifest.private))(
    '$directory has a README that starts with its name',
    async ({ directory, manifest }) => {
      const readme = await readText(`${directory}/README.md`)
      expect(readme.split('\n')[0]).toContain(manifest.name)
    },
  )
})
