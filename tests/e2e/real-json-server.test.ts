/**
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: a REST server that we did not write
 * Impact: a broken release is stopped, a good one is not
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { binOf, ignoredPaths, notPassed, recordService, replayService } from '../real/recorded-service.ts'
import type { RealService, Replay } from '../real/recorded-service.ts'
import { tempDir } from './support/temp-dir.ts'
import type { TempDir } from './support/temp-dir.ts'

const seed = {
  posts: Array.from({ length: 12 }, (_, index) => ({
    id: index + 1,
    title: index % 3 === 0 ? `On tapping, part ${index}` : `On replaying, part ${index}`,
    body: 'A text that is long enough for the server to compress the list it stands in. '.repeat(3),
    views: index * 100,
    authorId: (index % 2) + 1,
  })),
  comments: [
    { id: 1, text: 'First', postId: 1 },
    { id: 2, text: 'Second', postId: 2 },
  ],
  authors: [
    { id: 1, name: 'Ann' },
    { id: 2, name: 'Bo' },
  ],
  profile: { name: 'A blog' },
}

let dir: TempDir
let service: RealService
let output: string

async function drive(url: string): Promise<void> {
  const seen: [string, number][] = []
  const call = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    seen.push([`${method} ${path}`, response.status])
    return { headers: response.headers, json: text === '' ? undefined : JSON.parse(text) }
  }
  const list = await call('GET', '/posts')
  expect(list.headers.get('content-encoding')).toBe('gzip')
  await call('GET', '/posts?q=tapping')
  const page = await call('GET', '/posts?_page=2&_limit=5')
  expect(page.headers.get('link')).toContain(`<${url}/posts?_page=3&_limit=5>; rel="next"`)
  expect(page.headers.get('x-total-count')).toBe('12')
  await call('GET', '/posts?_sort=views&_order=desc&_limit=3')
  await call('GET', '/posts/1?_embed=comments&_expand=author')
  const { json: post } = await call('POST', '/posts', { title: 'New', views: 0, authorId: 1 })
  const { json: comment } = await call('POST', '/comments', { text: 'On the new one', postId: post.id })
  expect([post.id, comment.id]).toEqual([13, 3])
  await call('GET', `/posts/${post.id}/comments`)
  await call('PUT', `/posts/${post.id}`, { title: 'Replaced', views: 1, authorId: 2 })
  await call('PATCH', `/posts/${post.id}`, { views: 2 })
  const one = await call('GET', `/posts/${post.id}`)
  // Without a Cache-Control of its own, fetch asks to pass by caches, and would get the post again.
  const known = { 'if-none-match': one.headers.get('etag') ?? '', 'cache-control': 'max-age=0' }
  await call('GET', `/posts/${post.id}`, undefined, known)
  await call('DELETE', `/comments/${comment.id}`)
  await call('DELETE', `/posts/${post.id}`)
  await call('GET', `/posts/${post.id}`)
  await call('OPTIONS', '/posts', undefined, { origin: 'http://blog.example', 'access-control-request-method': 'PUT' })
  await call('PATCH', '/profile', { name: 'Another blog' })
  await call('GET', '/profile')
  await call('GET', '/db')
  expect(seen.map(([, status]) => status)).toEqual([
    200, 200, 200, 200, 200, 201, 201, 200, 200, 200, 200, 304, 200, 200, 404, 204, 200, 200, 200,
  ])
}

beforeAll(async () => {
  dir = await tempDir({
    'seed.json': JSON.stringify(seed),
    'db.json': JSON.stringify(seed),
    'keploy.yml': 'beforeSet: cp seed.json db.json\n',
  })
  service = {
    folder: dir.path,
    command: (port) => [
      process.execPath,
      binOf('json-server', 'lib/cli/bin.js'),
      '--host=127.0.0.1',
      `--port=${port}`,
      '--quiet',
      'db.json',
    ],
  }
  output = (await recordService(service, drive, ['--keep', 'preflight'])).stdout
  return () => dir[Symbol.asyncDispose]()
})

test('a whole session with json-server replays against the same data', async () => {
  expect(output).toContain('19 tests saved')
  const replay = await replayService(service)
  expect(notPassed(replay)).toEqual([])
  expect(replay.report.summary).toMatchObject({ total: 19, passed: 19 })
  expect(ignoredPaths(replay)).toEqual([])
  expect(replay.code).toBe(0)
})

/** Replays against another seed; the names of the tests that did not pass. */
async function replayWith(data: typeof seed, args: string[] = []): Promise<{ failed: string[]; replay: Replay }> {
  await writeFile(join(dir.path, 'seed.json'), JSON.stringify(data))
  const changed = { ...service, command: (port: number) => [...service.command(port), ...args] }
  const replay = await replayService(changed)
  await writeFile(join(dir.path, 'seed.json'), JSON.stringify(seed))
  return { failed: notPassed(replay), replay }
}

test('another name of one author fails where that author is shown, and nowhere else', async () => {
  const { failed, replay } = await replayWith({ ...seed, authors: [{ id: 1, name: 'Anne' }, seed.authors[1]!] })
  expect(failed).toEqual([
    'get-posts-by-id-1 failed: body.author.name is "Anne" where "Ann" was recorded.',
    'get-db-1 failed: body.authors[0].name is "Anne" where "Ann" was recorded.',
  ])
  expect(replay.code).toBe(1)
})

test('ids may count on from another number; what shows the other number as data fails', async () => {
  const posts = seed.posts.map((post) => (post.id === 12 ? { ...post, id: 20 } : post))
  const { failed, replay } = await replayWith({ ...seed, posts })
  expect(failed).toEqual([
    'get-posts-1 failed: body[11].id is 20 where 12 was recorded.',
    'get-posts-4 failed: body[0].id is 20 where 12 was recorded.',
    'get-db-1 failed: body.posts[11].id is 20 where 12 was recorded.',
  ])
  const created = replay.tests.find(({ name }) => name === 'post-posts-1')
  expect(created?.bound).toContainEqual(expect.objectContaining({ recorded: '13', live: '21' }))
  const comments = replay.tests.find(({ name }) => name === 'get-posts-by-id-comments-1')
  expect(comments?.rules).toContainEqual({ path: 'body[0].postId', rule: 'binding' })
})

test('a server that does not compress any more fails on the answers that were compressed', async () => {
  const { failed } = await replayWith(seed, ['--ng'])
  const uncompressed = failed.filter((line) => line.includes('Content-Encoding is missing: expected "gzip"'))
  expect(uncompressed.map((line) => line.split(' ')[0])).toEqual([
    'get-posts-1',
    'get-posts-2',
    'get-posts-3',
    'get-posts-4',
    'get-db-1',
  ])
  // Short answers were not compressed, but said that they might be.
  const others = failed.filter((line) => !uncompressed.includes(line))
  for (const line of others)
    expect(line).toMatch(/^\S+ failed: The header Vary is "[^"]*" where "[^"]*" was recorded\.$/)
})
