import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { walk } from './walk.ts'

async function folder(...names: string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'keploy-walk-'))
  onTestFinished(async () => await rm(root, { recursive: true, force: true }))
  for (const name of names) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), '')
  }
  return root
}

test('folders of builds are passed over beside a manifest and at the top, and nowhere else', async () => {
  const root = await folder(
    'build/a.js',
    'coverage/b.js',
    'src/coverage/c.test.js',
    'src/build/d.test.js',
    'packages/x/package.json',
    'packages/x/dist/e.js',
    'packages/x/src/target/f.test.js',
    'rust/Cargo.toml',
    'rust/target/g.js',
  )
  expect(await walk(root)).toEqual([
    'packages/x/package.json',
    'packages/x/src/target/f.test.js',
    'rust/Cargo.toml',
    'src/build/d.test.js',
    'src/coverage/c.test.js',
  ])
})

test('hidden folders, those of dependencies, and those that are left out are passed over everywhere', async () => {
  const root = await folder(
    '.git/a',
    'src/.cache/b',
    'src/node_modules/c/d.js',
    'py/venv/e.py',
    'keploy/f.yaml',
    'g.js',
  )
  expect(await walk(root, new Set(['keploy']))).toEqual(['g.js'])
  expect(await walk(join(root, 'nowhere'))).toEqual([])
})
