/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: answers of a language model that cost nothing
 * Impact: a suite that runs in seconds, anywhere
 */
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { MockOpenAIBuilder } from '@keploy-framework/llm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { recordService, type Recording, type Verdict } from '../harness/record-and-replay.ts'
import { startSecureApi, type SecureApi } from './secure-api.ts'

const TEXT = 'Replay answers from what was recorded'
const PIECES = ['What', ' was', ' recorded', ' answers', '.']
const MAP = 'dependencies:\n  map:\n    LLM_URL: {}\n'

/** What a replay says of the model that each test asked. */
function useOf(verdict: Verdict): unknown[] {
  const tests = verdict.sets.flatMap((set) => set.tests) as { name: string; calls?: { llm?: unknown } }[]
  return tests.map(({ calls }) => calls?.llm)
}

interface Recorded {
  readonly recording: Recording
  readonly api: SecureApi
  readonly env: Readonly<Record<string, string>>
}

async function record(config?: string): Promise<Recorded> {
  const llm = await new MockOpenAIBuilder().chat
    .once({ reply: { content: 'Recorded answers.', usage: { prompt: 1000, completion: 100 } } })
    .chat.once({
      reply: { content: PIECES.join(''), chunks: PIECES, chunkDelayMs: 120, usage: { prompt: 500, completion: 40 } },
    })
    .with({ strict: false })
    .start()
  const api = await startSecureApi(new URL(llm.baseUrl).origin)
  const env = { LLM_URL: `https://${api.authority}/v1`, NODE_EXTRA_CA_CERTS: api.ca }
  const recording = await recordService({
    command: [process.execPath, path.join(import.meta.dirname, 'llm-service.mjs')],
    env,
    ...(config !== undefined && { config }),
    async requests(send) {
      expect(await send('POST', '/summary', { text: TEXT })).toEqual({
        status: 200,
        body: { summary: 'Recorded answers.' },
      })
      expect(await send('POST', '/stream', { text: TEXT })).toEqual({ status: 200, body: { pieces: PIECES } })
    },
    async stop() {
      await api[Symbol.asyncDispose]()
      await llm.close()
    },
  })
  return { recording, api, env }
}

describe.each([
  ['a URL that keploy.yml maps', MAP],
  ['the proxy', undefined],
] as const)('a service that asks a language model over HTTPS through %s', (_way, config) => {
  let recorded: Recorded

  beforeAll(async () => {
    recorded = await record(config)
  })
  afterAll(async () => {
    await recorded?.recording[Symbol.asyncDispose]()
  })

  it('is recorded as one that asks the API itself, piece by piece, without its key', async () => {
    const { recording, api } = recorded
    expect(api.hosts).toEqual([api.authority, api.authority])
    expect(recording.calls).toMatchObject({ mocks: 2, ambiguous: 0, leftOut: 0 })
    const mocks = await readFile(path.join(recording.folder, 'keploy/test-set-0/mocks.yaml'), 'utf8')
    expect(mocks.match(/dependency: .*/g)).toEqual(Array(2).fill(`dependency: https ${api.authority}`))
    expect(mocks.match(/url: .*/g)).toEqual(Array(2).fill(`url: http://${api.authority}/v1/chat/completions`))
    expect(mocks).toContain('" recorded"')
    expect(mocks).not.toContain('sk-of-a-test')
  })

  it('replays with the API stopped, and says what was used and what it cost', async () => {
    const verdict = await recorded.recording.replay()
    expect(verdict, verdict.log).toMatchObject({
      code: 0,
      status: 'passed',
      mocks: { served: 2, missed: 0, unused: 0 },
    })
    expect(useOf(verdict)).toEqual([
      { calls: 1, inputTokens: 1000, outputTokens: 100, costUsd: 0.00021 },
      { calls: 1, inputTokens: 500, outputTokens: 40, costUsd: 0.000099 },
    ])
  })

  it('plays a stream at once, and with its delays on demand', async () => {
    const { recording } = recorded
    const took = async (index: number): Promise<number> =>
      Number((await readFile(path.join(recording.folder, 'took.txt'), 'utf8')).trim().split('\n').at(index))
    const original = await took(0)
    const timed = await recording.replay({ args: ['--timing'] })
    expect(timed.code, timed.log).toBe(0)
    expect(await took(-1)).toBeGreaterThan(0.8 * original)
    await recording.replay()
    expect(await took(-1)).toBeLessThan(0.5 * original)
  })

  it('fails with the words of the prompt that changed', async () => {
    const { recording, env } = recorded
    const verdict = await recording.replay({ env: { ...env, PROMPT: 'Summarise in two lines.' } })
    expect(verdict).toMatchObject({ code: 1, status: 'failed', mocks: { missed: 2 } })
    const failures = verdict.sets.flatMap(({ tests }) => tests).flatMap((test) => test.failures)
    expect(failures.filter(({ kind }) => kind === 'dependency')).toEqual(
      Array(2).fill(
        expect.objectContaining({
          path: `https ${recorded.api.authority} body.messages[0].content`,
          expected: 'Summarise in one line.',
          actual: 'Summarise in two lines.',
          message: expect.stringContaining(`POST ${recorded.api.authority}/v1/chat/completions`) as string,
        }),
      ),
    )
  })
})

it('a recording through the proxy answers a service whose URL is mapped, and the other way round', async () => {
  for (const [first, second] of [
    [undefined, MAP],
    [MAP, ''],
  ] as const) {
    const { recording } = await record(first)
    await using _ = recording
    await writeFile(path.join(recording.folder, 'keploy.yml'), second)
    const verdict = await recording.replay()
    expect(verdict, verdict.log).toMatchObject({ code: 0, mocks: { served: 2, missed: 0 } })
  }
}, 180_000)
