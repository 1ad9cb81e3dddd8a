import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import type { BodyValue, TestResult } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { planRun } from '../plan/plan-run.ts'
import { sourceOf } from '../plan/set-source.ts'
import { httpTest, testSet } from '../testing/http-test.ts'
import { listen } from '../testing/servers.ts'
import { executePlan } from './run-plan.ts'

const LIMIT = 64 * 1024
const large = Buffer.alloc(5 * LIMIT, 'keploy-framework ')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Replays one test whose recording kept only what `body` says, against a service that sends `sent`. */
async function replayLarge(sent: Buffer, body: BodyValue, headers: Record<string, string> = {}): Promise<TestResult> {
  await using api = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers })
    response.end(sent)
  })
  const recorded = httpTest('large')
  const response = {
    ...recorded.response,
    headers: Object.entries({ 'content-type': 'application/octet-stream', ...headers }),
    body,
  }
  const source = sourceOf(testSet([{ ...recorded, response }]))
  const { sets } = await executePlan(planRun([source]), { url: api.url, bodyLimit: LIMIT }, () => {})
  return sets[0]?.tests[0] as TestResult
}

describe('a body that is larger than what is kept', () => {
  it('passes when its size and digest are the recorded ones', async () => {
    const result = await replayLarge(large, { type: 'omitted', size: large.length, sha256: sha256(large) })
    expect(result.failures).toEqual([])
    expect(result.rules).toContainEqual({ path: 'body', rule: 'digest: the recording kept no content' })
  })

  it('fails when one byte far behind the limit is another', async () => {
    const changed = Buffer.from(large)
    changed[changed.length - 1] = 0
    const result = await replayLarge(changed, { type: 'omitted', size: large.length, sha256: sha256(large) })
    expect(result.failures[0]?.message).toContain('another content')
  })

  it('fails when it is longer or shorter', async () => {
    const result = await replayLarge(large.subarray(1), { type: 'omitted', size: large.length, sha256: sha256(large) })
    expect(result.failures[0]?.message).toBe(
      `The body has ${large.length - 1} bytes where ${large.length} were recorded.`,
    )
  })

  it('is known by its bytes on the wire when it is too large to unpack', async () => {
    const packed = gzipSync(large)
    const body: BodyValue = { type: 'omitted', size: packed.length, sha256: sha256(packed) }
    expect((await replayLarge(packed, body, { 'content-encoding': 'gzip' })).failures).toEqual([])
  })

  it('is refused where the recording has a content to compare with', async () => {
    const result = await replayLarge(large, { type: 'binary', bytes: large })
    expect(result.failures[0]?.message).toContain(`longer than ${LIMIT} bytes`)
  })
})
