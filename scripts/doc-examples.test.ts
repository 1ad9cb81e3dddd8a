import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { publicPackages, readText, root } from './repository.ts'

const PAGES = ['README.md', 'docs/api.md', 'docs/fixtures/helpers.md', 'docs/fixtures/websocket.md']

/** The TypeScript blocks of a page, each named after the line on which it begins. */
function examples(page: string, text: string): { name: string; code: string }[] {
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => ({
    name: `${page.replaceAll(/\W/g, '-')}-line-${text.slice(0, match.index).split('\n').length + 1}.ts`,
    code: match[1] ?? '',
  }))
}

test('every TypeScript example of the manual compiles', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keploy-examples-'))
  try {
    // In a folder of its own, as a reader would have it: only what packages export is to be had.
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const paths: Record<string, string[]> = {}
    for (const { manifest, directory } of await publicPackages()) {
      paths[manifest.name] = [join(root, directory, 'src/index.ts')]
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
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)
