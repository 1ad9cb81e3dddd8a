import { lstat, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { KeployConfig } from './keploy-config.ts'

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keploy-class-'))
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

describe('KeployConfig', () => {
  it('loads, saves changes with comments kept, and loads what it saved', async () => {
    await writeFile(join(cwd, 'keploy.yml'), '# ours\ntest:\n  delay: 5 # s\n')
    const keploy = await KeployConfig.load({ cwd, env: {} })
    expect(keploy.valid).toBe(true)
    const after = await keploy.save({ 'test.delay': 1, 'test.minPassRate': 0.8, command: 'npm start' })
    expect(after.config.test).toMatchObject({ delayMs: 1_000, minPassRate: 0.8 })
    expect(await readFile(join(cwd, 'keploy.yml'), 'utf8')).toBe(
      '# ours\ntest:\n  delay: 1 # s\n  minPassRate: 0.8\ncommand: npm start\n',
    )
    expect(await readdir(cwd)).toEqual(['keploy.yml'])
  })

  it('makes the file when there is none', async () => {
    const keploy = await KeployConfig.load({ cwd, env: {} })
    expect(keploy.file).toBeUndefined()
    expect((await keploy.save({ port: 8000 })).config.port).toBe(8_000)
  })

  it('refuses to save what would be wrong, and leaves the file alone', async () => {
    await writeFile(join(cwd, 'keploy.yml'), 'port: 1\n')
    await expect(KeployConfig.save(join(cwd, 'keploy.yml'), { port: 'x' })).rejects.toMatchObject({
      code: 'KEPLOY_CONFIG_EDIT',
    })
    expect(await readFile(join(cwd, 'keploy.yml'), 'utf8')).toBe('port: 1\n')
  })

  it('saves one value although another was wrong before', async () => {
    await writeFile(join(cwd, 'keploy.yml'), 'port: x\ntest: { retries: 1 }\n')
    await KeployConfig.save(join(cwd, 'keploy.yml'), { 'test.retries': 2 })
    expect(await readFile(join(cwd, 'keploy.yml'), 'utf8')).toBe('port: x\ntest: { retries: 2 }\n')
  })

  it('writes through a link', async () => {
    await writeFile(join(cwd, 'real.yml'), 'port: 1\n')
    await symlink('real.yml', join(cwd, 'keploy.yml'))
    await KeployConfig.save(join(cwd, 'keploy.yml'), { port: 2 })
    expect((await lstat(join(cwd, 'keploy.yml'))).isSymbolicLink()).toBe(true)
    expect(await readFile(join(cwd, 'real.yml'), 'utf8')).toBe('port: 2\n')
  })

  it('says what it could not read or write', async () => {
    await expect(KeployConfig.save(cwd, { port: 2 })).rejects.toMatchObject({ code: 'KEPLOY_CONFIG_READ' })
    await expect(KeployConfig.save(join(cwd, 'no', 'keploy.yml'), { port: 2 })).rejects.toMatchObject({
      code: 'KEPLOY_CONFIG_WRITE',
    })
  })

  it('validates text and values', () => {
    expect(KeployConfig.validate('port: x\n', { file: 'keploy.yml' })).toMatchObject([
      { file: 'keploy.yml', line: 1, path: 'port' },
    ])
    expect(KeployConfig.validate('port: [\n')).toMatchObject([{ code: 'KEPLOY_CONFIG_SYNTAX' }])
    expect(KeployConfig.validate({ port: 8000 })).toEqual([])
    expect(KeployConfig.validate({ port: -1 }, { file: 'a.yml' })).toMatchObject([
      { code: 'KEPLOY_CONFIG_RANGE', file: 'a.yml' },
    ])
  })

  it('watches', async () => {
    await using watcher = await KeployConfig.watch({ cwd, env: {} })
    expect(watcher.current.config.port).toBe(0)
  })
})
