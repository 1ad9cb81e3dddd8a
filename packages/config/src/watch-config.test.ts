import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { watchConfig } from './watch-config.ts'

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keploy-watch-'))
  await writeFile(join(cwd, 'keploy.yml'), 'port: 1\n')
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

describe('watchConfig', () => {
  it('reloads after a write and after an editor renamed a new file over the old one', async () => {
    await using watcher = await watchConfig({ cwd, env: {}, quietMs: 5 })
    const changes = watcher[Symbol.asyncIterator]()
    expect(watcher.current.config.port).toBe(1)
    await writeFile(join(cwd, 'keploy.yml'), 'port: 2\n')
    expect((await changes.next()).value).toMatchObject({ applied: true })
    expect(watcher.current.config.port).toBe(2)
    await writeFile(join(cwd, '.keploy.yml.swp'), 'port: 3\n')
    await rename(join(cwd, '.keploy.yml.swp'), join(cwd, 'keploy.yml'))
    await changes.next()
    expect(watcher.current.config.port).toBe(3)
    await writeFile(join(cwd, 'keploy.yml'), 'port: 4\n')
    await changes.next()
    expect(watcher.current.config.port).toBe(4)
  })

  it('keeps the last good configuration while the file is bad or gone, and reports why', async () => {
    await using watcher = await watchConfig({ cwd, env: {}, quietMs: 5 })
    const changes = watcher[Symbol.asyncIterator]()
    await writeFile(join(cwd, 'keploy.yml'), 'port: many\n')
    expect((await changes.next()).value).toMatchObject({
      applied: false,
      loaded: { issues: [{ code: 'KEPLOY_CONFIG_TYPE', line: 1 }] },
    })
    expect(watcher.current.config.port).toBe(1)
    await rm(join(cwd, 'keploy.yml'))
    expect((await changes.next()).value).toMatchObject({ applied: false })
    expect(watcher.current.config.port).toBe(1)
    await writeFile(join(cwd, 'keploy.yml'), 'port: 5\n')
    expect((await changes.next()).value).toMatchObject({ applied: true })
    expect(watcher.current.config.port).toBe(5)
  })

  it('follows the override file too, and ends its iteration when closed', async () => {
    const watcher = await watchConfig({ cwd, env: {}, quietMs: 5 })
    const seen: number[] = []
    const reading = (async () => {
      for await (const change of watcher) {
        seen.push(change.loaded.config.port)
        await watcher.close()
      }
    })()
    const name = cwd.split('/').at(-1) ?? ''
    await writeFile(join(cwd, `${name}.keploy.yml`), 'port: 9\n')
    await reading
    expect(seen).toEqual([9])
  })

  it('says which folder cannot be watched', async () => {
    await expect(watchConfig({ cwd: join(cwd, 'missing'), env: {} })).rejects.toMatchObject({
      code: 'KEPLOY_CONFIG_WATCH',
    })
  })
})
