/**
 * Segment: teams that record a service with background work
 * Goal: recordings that can be trusted to stay green and to fail for a reason
 * Value: what several users asked the platform over all of its routes, replayed with nothing else running, and with real services
 * Impact: a product that cannot replay its own reference service is not believed
 */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

import { expect, test, vi } from 'vitest'

import { defaultSettings, startPlatform } from '../../src/platform.ts'
import { startDependencies } from './dependencies.ts'
import { drives } from './drive.ts'
import { root, startCli } from './run-cli.ts'

vi.setConfig({ testTimeout: 300_000 })

interface Asked {
  method: string
  path: string
}

const names = Object.keys(drives)

/** What the tests of all sets ask for. */
async function askedFor(): Promise<Asked[]> {
  const folders = names.map((name) => path.join(root, 'keploy', name, 'tests'))
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).map((file) => path.join(folder, file))),
  )
  return await Promise.all(
    files.flat().map(async (file) => {
      const text = await readFile(file, 'utf8')
      const url = new URL(/^ {4}url: (\S+)$/m.exec(text)![1]!)
      return { method: /^ {4}method: (\S+)$/m.exec(text)![1]!, path: url.pathname }
    }),
  )
}

/** Replays sets, and gives what failed, for people, and what the mocks came to. */
async function replay(args: readonly string[], env: Record<string, string> = {}) {
  const { child, ended } = startCli(['test', '--reporter', 'json', ...args], env)
  let out = ''
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
  const code = await ended
  if (out === '') throw new Error(`test ended with ${code}: ${log}`)
  const result = JSON.parse(out) as {
    summary: { total: number; passed: number }
    mocks: { served: number; missed: number }
    sets: { tests: { name: string; status: string; failures: { path: string; message?: string }[] }[] }[]
  }
  const failed = result.sets.flatMap(({ tests }) => tests.filter(({ status }) => status !== 'passed'))
  return { code, failed, ...result }
}

test('the recorded suite has at least 60 tests, and one for each route of /openapi.json at least', async () => {
  await using platform = await startPlatform({ settings: { ...defaultSettings(), port: 0, logLevel: 'silent' } })
  const { paths } = (await (await fetch(`${platform.url}/openapi.json`)).json()) as { paths: Record<string, object> }
  const routes = Object.entries(paths).flatMap(([route, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), route })),
  )
  expect(routes.length).toBeGreaterThan(30)
  const asked = await askedFor()
  expect(asked.length).toBeGreaterThanOrEqual(60)
  expect(routes.filter((each) => !asked.some((one) => isOf(one, each)))).toEqual([])
})

/** Whether a request is one of a route, `/v1/threads/{thread_id}` for example. */
function isOf(asked: Asked, { method, route }: { method: string; route: string }): boolean {
  const parts = (text: string): string[] => text.replace(/(?<=.)\/$/, '').split('/')
  const given = parts(asked.path)
  const wanted = parts(route)
  return (
    asked.method === method &&
    given.length === wanted.length &&
    wanted.every((part, index) => part.startsWith('{') || part === given[index])
  )
}

test('the recorded suite replays green with mocks, and nothing else running', async () => {
  const { code, failed, summary, mocks } = await replay(['--hook'])
  expect(failed).toEqual([])
  expect(code).toBe(0)
  expect(summary.passed).toBe((await askedFor()).length)
  expect(mocks).toMatchObject({ missed: 0 })
  expect(mocks.served).toBeGreaterThan(1000)
})

test.each(names)('the recorded set %s replays green with real services, fresh and migrated', async (name) => {
  const dependencies = await startDependencies()
  try {
    const { code, failed } = await replay(['--mocks', 'off', '--test-sets', name], dependencies.env)
    expect(failed).toEqual([])
    expect(code).toBe(0)
  } finally {
    await dependencies.close()
  }
})
