import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { launchCompose } from './launch.ts'

const composeFile = 'services: { shop: { image: shop }, db: { image: postgres } }\n'

/** The options of `up` for a compose program that does nothing. */
async function optionsOfUp(options: { readonly replay: boolean; readonly recreate?: boolean }): Promise<string[]> {
  const project = await mkdtemp(join(tmpdir(), 'keploy-launch-'))
  onTestFinished(async () => await rm(project, { recursive: true, force: true }))
  const launched = await launchCompose({
    program: [process.execPath, '-e', '0', '--'],
    files: ['compose.yaml'],
    service: 'shop',
    cwd: project,
    project,
    variables: {},
    composeFile,
    ...options,
  })
  onTestFinished(async () => await launched.stop())
  const { command } = launched
  return command.slice(command.indexOf('up') + 1)
}

test('what a service depends on stays what it is, unless it is to be made anew', async () => {
  expect(await optionsOfUp({ replay: false })).toEqual(['shop'])
  expect(await optionsOfUp({ replay: false, recreate: true })).toEqual([
    '--force-recreate',
    '--always-recreate-deps',
    '--renew-anon-volumes',
    'shop',
  ])
})

test('a replay with mocks starts nothing beside the service, and so makes nothing else anew', async () => {
  expect(await optionsOfUp({ replay: true, recreate: true })).toEqual(['--no-deps', 'shop'])
})
