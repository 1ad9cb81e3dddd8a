import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { isCoveredNode, preloadPath, withPreload } from './environment.ts'

test('options load a file from a folder with spaces and quotes, before those that are there', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'a "b" c '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'first.cjs')
  writeFileSync(file, 'console.log("first")')
  const { stdout } = spawnSync(process.execPath, ['-p', 'process.execArgv.length, process.title'], {
    env: { NODE_OPTIONS: withPreload(file, '--title=kept') },
    encoding: 'utf8',
  })
  expect(stdout).toBe('first\nkept\n')
})

test('covered versions are those of the driver matrix', () => {
  expect(['v20.20.2', 'v22.23.2', 'v24.0.0', '26.10.0'].map(isCoveredNode)).toEqual([true, true, true, true])
  expect(['v18.0.0', 'v23.1.0', 'v27.0.0', ''].map(isCoveredNode)).toEqual([false, false, false, false])
})

test('the preload is a file of this package', () => {
  expect(path.basename(preloadPath())).toBe('preload.cjs')
})
