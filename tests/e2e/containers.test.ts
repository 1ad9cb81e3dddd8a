/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: services in containers, recorded and replayed
 * Impact: a suite that runs in seconds, anywhere
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, describe, expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { redisServer, type RedisServer } from './support/redis-server.ts'
import { runCli, startCli, type CliResult } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const IMAGE = 'keploy-local/base:bookworm'
const service = fileURLToPath(new URL('fixtures/redis-service.mjs', import.meta.url))

/** Why containers can't be started here; nothing where they can. */
function missing(): string | undefined {
  const found = spawnSync('docker', ['image', 'inspect', IMAGE], { stdio: 'ignore', timeout: 20_000 })
  if (found.status === 0) return undefined
  if (process.env['KEPLOY_REQUIRE_SERVICES'] === 'all') throw new Error(`Docker or its image ${IMAGE} is missing.`)
  return `needs Docker and ${IMAGE}: scripts/services/dockerd.sh, scripts/services/images.sh`
}

function composeMissing(): string | undefined {
  for (const [program = '', ...args] of [
    ['docker', 'compose', 'version'],
    ['docker-compose', 'version'],
  ]) {
    if (spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 }).status === 0) return undefined
  }
  return 'needs Docker Compose; install it (Debian: apt-get install docker-compose)'
}

const why = missing()
const whyNoCompose = why ?? composeMissing()
const because = (reason: string | undefined): string => (reason === undefined ? '' : ` (${reason})`)

/** Where containers find this machine. */
function bridge(): string {
  const format = '{{range .IPAM.Config}}{{.Gateway}}{{end}}'
  return execFileSync('docker', ['network', 'inspect', 'bridge', '-f', format], { encoding: 'utf8' }).trim()
}

/** Records a request, stops Redis, and replays it. */
async function roundTrip(cwd: string, redis: RedisServer, args: string[]): Promise<CliResult> {
  const listen = await freePort()
  await using recorder = startCli(['record', '--listen', String(listen), ...args], { cwd })
  await recorder.waitFor('Recording:')
  expect((await fetch(`http://127.0.0.1:${listen}/things/a`, { method: 'PUT' })).status).toBe(201)
  const read = await fetch(`http://127.0.0.1:${listen}/things/a`)
  expect(await read.json()).toEqual({ value: 'value of a' })
  recorder.child.kill('SIGINT')
  const { code, stdout, stderr } = await recorder.done
  expect(stderr).toMatch(/REDIS_URL +redis host\.docker\.internal:\d+ → host\.docker\.internal:\d+/)
  expect(stdout).toContain('2 calls to dependencies recorded')
  expect(code).toBe(0)
  await redis.stop()
  const replayed = await runCli(['test', ...args], { cwd })
  expect(replayed.stdout, replayed.stderr).toMatch(/Mocks +2 served, 0 missed, 0 unused/)
  return replayed
}

describe.skipIf(why !== undefined)(`a service in a container${because(why)}`, { timeout: 240_000 }, () => {
  let host: string
  beforeAll(() => {
    host = bridge()
  })

  test('started with docker run is recorded, and replayed with its dependency stopped', async () => {
    await using dir = await tempDir()
    await using redis = await redisServer({ host })
    const port = await freePort()
    const name = `keploy-e2e-${port}`
    const options = ['--rm', '--name', name, '-p', `127.0.0.1:${port}:8000`]
    const mounts = ['-v', `${process.execPath}:/usr/local/bin/node:ro`, '-v', `${service}:/service.mjs:ro`]
    const variables = ['-e', `REDIS_URL=redis://host.docker.internal:${redis.port}`]
    const run = ['docker', 'run', ...options, ...mounts, ...variables, IMAGE, 'node', '/service.mjs']
    expect(await roundTrip(dir.path, redis, ['--', ...run])).toMatchObject({ code: 0 })
    expect(execFileSync('docker', ['ps', '-aq', '--filter', `name=${name}`], { encoding: 'utf8' })).toBe('')
  })

  test.skipIf(whyNoCompose !== undefined)(
    `of a compose file is recorded, and replayed with its dependency stopped${because(whyNoCompose)}`,
    async () => {
      const port = await freePort()
      await using redis = await redisServer({ host })
      await using dir = await tempDir({
        'compose.yaml': `
version: '3.8'
services:
  shop:
    image: ${IMAGE}
    command: node /service.mjs
    env_file: shop.env
    ports: ['127.0.0.1:${port}:8000']
    volumes: ['${process.execPath}:/usr/local/bin/node:ro', '${service}:/service.mjs:ro']
  other: { image: nothing }
`,
        'shop.env': `REDIS_URL=redis://host.docker.internal:${redis.port}\n`,
      })
      const args = ['--compose', 'compose.yaml', '--service', 'shop']
      try {
        expect(await roundTrip(dir.path, redis, args)).toMatchObject({ code: 0 })
      } finally {
        // Compose leaves the network of a project until somebody takes the project down.
        spawnSync('docker', ['network', 'rm', `${basename(dir.path).toLowerCase()}_default`], { stdio: 'ignore' })
      }
    },
  )

  test.skipIf(whyNoCompose !== undefined)(
    `of a compose file is started with that file where its real dependencies are used${because(whyNoCompose)}`,
    async () => {
      const port = await freePort()
      await using redis = await redisServer({ host })
      // No name that Compose takes by itself.
      await using dir = await tempDir({
        'stack.yaml': `
version: '3.8'
services:
  shop:
    image: ${IMAGE}
    command: node /service.mjs
    environment: { REDIS_URL: 'redis://${host}:${redis.port}' }
    ports: ['127.0.0.1:${port}:8000']
    volumes: ['${process.execPath}:/usr/local/bin/node:ro', '${service}:/service.mjs:ro']
`,
      })
      const args = ['--compose', 'stack.yaml', '--service', 'shop']
      const cwd = dir.path
      try {
        const listen = await freePort()
        await using recorder = startCli(['record', '--no-mocks', '--listen', String(listen), ...args], { cwd })
        await recorder.waitFor('Recording:')
        expect((await fetch(`http://127.0.0.1:${listen}/things/a`, { method: 'PUT' })).status).toBe(201)
        recorder.child.kill('SIGINT')
        const recorded = await recorder.done
        expect(recorded.stdout).toContain('1 test saved')
        expect(recorded.stdout + recorded.stderr).not.toContain('REDIS_URL')
        expect(recorded.code).toBe(0)
        const replayed = await runCli(['test', '--mocks', 'off', ...args], { cwd })
        expect(replayed.stdout, replayed.stderr).toMatch(/-f stack\.yaml up shop[^]*1 of 1 test passed/)
        expect(replayed.code).toBe(0)
        // It was stopped at the end: its port is free, and another one is started.
        await redis.stop()
        const without = await runCli(['test', '--mocks', 'off', ...args], { cwd })
        expect(without.stdout).toContain('ECONNREFUSED')
        expect(without.code).toBe(1)
      } finally {
        spawnSync('docker', ['network', 'rm', `${basename(cwd).toLowerCase()}_default`], { stdio: 'ignore' })
      }
    },
  )

  test('that is put into the background is refused', async () => {
    await using dir = await tempDir()
    const { code, stderr } = await runCli(['record', '--', 'docker', 'run', '-d', IMAGE], { cwd: dir.path })
    expect(stderr).toContain('background')
    expect(code).toBe(2)
  })

  test('that the compose file does not have is named', async () => {
    await using dir = await tempDir({ 'compose.yaml': 'services: { shop: { image: shop } }' })
    const { code, stderr } = await runCli(['record', '--compose', 'compose.yaml', '--service', 'shpo'], {
      cwd: dir.path,
    })
    expect(stderr).toContain('KEPLOY_CONTAINER')
    expect(code).toBe(2)
  })
})
