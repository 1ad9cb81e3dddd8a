/**
 * Segment: teams with services in Node
 * Goal: calls are seen without a change of code
 * Value: services of every Node, hooked or not
 * Impact: attribution without guesses, also of many requests at once
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { openDependencies } from '@keploy-framework/intercept'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type RecordedConnection, recordAll } from './script.ts'

const server = net.createServer((socket) => socket.on('data', () => socket.end('+PONG\r\n')))
let url: string
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `redis://:secret@127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

/** Calls what REDIS_URL names, has a child say what that is for a program that is no Node, and says what it is itself. */
const program = `
  const { hostname, port } = new URL(process.env.REDIS_URL)
  const { spawnSync } = require('node:child_process')
  const socket = require('node:net').connect(port, hostname, () => socket.write('PING\\r\\n'))
  socket.on('data', () => {}).on('end', () => {
    const ofShell = spawnSync('printenv', ['REDIS_URL'], { encoding: 'utf8' }).stdout.trim()
    const { REDIS_URL, DATABASE_URL, HTTP_PROXY, PGCHANNELBINDING } = process.env
    console.log(JSON.stringify({ REDIS_URL, DATABASE_URL, HTTP_PROXY, PGCHANNELBINDING, ofShell }))
  })`

async function recorded(nodes?: readonly number[]) {
  const connections: RecordedConnection[] = []
  const problems: string[] = []
  const env = { PATH: process.env['PATH'] ?? '', REDIS_URL: url }
  await using dependencies = await openDependencies({
    env,
    envFiles: [{ name: '.env', text: 'DATABASE_URL=postgres://ada:secret@127.0.0.1:1/shop' }],
    handler: recordAll(connections),
    onProblem: (problem) => problems.push(problem),
    hook: true,
    ...(nodes !== undefined && { nodes }),
  })
  const child = spawn(process.execPath, ['-e', program], { env: { ...env, ...dependencies.env } })
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  await dependencies.flush()
  expect(errors).toBe('')
  await dependencies.close()
  const seen = JSON.parse(out) as Record<string, string | undefined>
  return { connections, problems, seen, table: dependencies.table }
}

test('a process of a Node that the hook is for has its own settings, and is seen once', async () => {
  const { connections, problems, seen, table } = await recorded()
  expect(connections.map(({ route }) => route.via)).toEqual(['hook'])
  expect(seen).toMatchObject({ REDIS_URL: url })
  expect(seen).not.toHaveProperty('DATABASE_URL')
  expect(seen).not.toHaveProperty('HTTP_PROXY')
  expect(seen).not.toHaveProperty('PGCHANNELBINDING')
  // What it starts may not be hooked.
  expect(seen['ofShell']).toMatch(/^redis:\/\/:secret@127\.0\.0\.1:\d+$/)
  expect(seen['ofShell']).not.toBe(url)
  expect(problems).toEqual([])
  expect(table.join('\n')).toContain('REDIS_URL')
})

test('a process of any other Node is led to relays, and the version is told', async () => {
  const { connections, problems, seen } = await recorded([1])
  expect(connections.map(({ route }) => [route.via, route.dependency])).toEqual([
    ['relay', `redis 127.0.0.1:${new URL(url).port}`],
  ])
  expect(seen['REDIS_URL']).not.toBe(url)
  expect(seen['ofShell']).toBe(seen['REDIS_URL'])
  expect(seen['DATABASE_URL']).toMatch(/^postgres:\/\/ada:secret@127\.0\.0\.1:(?!1\/)\d+\/shop$/)
  expect(seen['HTTP_PROXY']).toMatch(/^http:\/\/127\.0\.0\.1:/)
  expect(problems).toEqual([
    `Node ${process.version} is none that the hook was tried with (1), and is not hooked; its dependencies are reached through relays.`,
  ])
})
