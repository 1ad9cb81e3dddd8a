import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { publicPackages, readText, root } from './repository.ts'

const PAGES = [
  'README.md',
  'docs/api.md',
  'docs/fixtures/faults.md',
  'docs/fixtures/generic.md',
  'docs/fixtures/helpers.md',
  'docs/fixtures/kafka.md',
  'docs/fixtures/mongodb.md',
  'docs/fixtures/mosquitto.md',
  'docs/fixtures/mysql.md',
  'docs/fixtures/nats.md',
  'docs/fixtures/other-runners.md',
  'docs/fixtures/postgres.md',
  'docs/fixtures/providers.md',
  'docs/fixtures/rabbitmq.md',
  'docs/fixtures/redis.md',
  'docs/fixtures/vitest.md',
  'docs/fixtures/websocket.md',
  'packages/fixtures/README.md',
]

/** The TypeScript blocks of a page, each named after the line on which it begins. */
function examples(page: string, text: string): { name: string; code: string }[] {
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => ({
    name: `${page.replaceAll(/\W/g, '-')}-line-${text.slice(0, match.index).split('\n').length + 1}.ts`,
    code: match[1] ?? '',
  }))
}

test('every TypeScript example of the manual compiles', async () => {
  const outer = await mkdtemp(join(tmpdir(), 'keploy-examples-'))
  const folder = join(outer, 'pages')
  try {
    // In a folder of its own, as a reader would have it: only what packages export is to be had, and the clients of
    // services, which are found in the nearer folder of modules.
    await mkdir(folder)
    await symlink(join(root, 'packages/fixtures/node_modules'), join(folder, 'node_modules'))
    await symlink(join(root, 'node_modules'), join(outer, 'node_modules'))
    const paths: Record<string, string[]> = {}
    for (const { manifest, directory } of await publicPackages()) {
      for (const [path, conditions] of Object.entries(manifest.exports ?? {})) {
        const source = (conditions as Record<string, string>)['@keploy-framework/source']
        if (source !== undefined) paths[join(manifest.name, path)] = [join(root, directory, source)]
      }
    }
    const files: string[] = []
    for (const page of PAGES) {
      for (const { name, code } of examples(page, await readText(page))) {
        files.push(name)
        await writeFile(join(folder, name), code)
      }
    }
    expect(files.length).toBeGreaterThan(10)
    const compilerOptions = { paths, noEmit: true, rootDir: '/', typeRoots: [join(root, 'node_modules/@types')] }
    const declarations = join(root, 'packages/*/src/*.d.ts')
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [declarations], files }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    const { stdout } = await promisify(execFile)('tsc', ['-p', folder], { cwd: folder }).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? 'tsc did not run' }),
    )
    expect(stdout).toBe('')
  } finally {
    await rm(outer, { recursive: true, force: true })
  }
}, 120_000)
