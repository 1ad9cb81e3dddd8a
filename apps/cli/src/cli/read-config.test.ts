import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { runInMemory } from '../testing/run-in-memory.ts'

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keploy-config-'))
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

const codes = (text: string) => text.match(/\[KEPLOY_[A-Z_]+\]/g)

it('tells one problem under its own code, and only that', async () => {
  await writeFile(join(cwd, 'keploy.yml'), 'command: [\n')
  const { code, stderr } = await runInMemory(['test'], { cwd })
  expect(code).toBe(2)
  expect(codes(stderr)).toEqual(['[KEPLOY_CONFIG_SYNTAX]'])
  expect(stderr).toContain('keploy.yml:2:1: Not valid YAML')
})

it('tells several problems under one code', async () => {
  await writeFile(join(cwd, 'keploy.yml'), 'port: 99999999\ncommand: [1]\n')
  expect(codes((await runInMemory(['test'], { cwd })).stderr)).toHaveLength(1)
})

it('says of a file that is not there how to name another', async () => {
  const { code, stderr } = await runInMemory(['test', '--config', 'nothere.yml'], { cwd })
  expect(code).toBe(2)
  expect(stderr).toBe(
    'error: There is no file nothere.yml. Correct the name after --config, or leave --config out to use keploy.yml. [KEPLOY_CONFIG_NOT_FOUND]\n',
  )
})
