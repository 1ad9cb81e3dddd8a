import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { parseDocuments, readMocks } from '@keploy-framework/format'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { clientFor, collect, failure, user } from '../../test/client.ts'
import { faults } from '../faults/faults.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import { createLlmProxy, type LlmProxyOptions } from './create-llm-proxy.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llm proxy ü-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const key = `sk-${'a1B2c3D4'.repeat(5)}`
const request = { model: 'gpt-4o', messages: [user('Hi')] }
const silent = { onReport: () => undefined }

describe('recording and replaying', () => {
  it('sends a request once, and answers it from the file ever after, in any key order', async () => {
    const cassette = join(folder, 'once', 'mocks.yaml')
    await using real = await new MockOpenAIBuilder().chat
      .once({ reply: { content: 'recorded', usage: { prompt: 1000, completion: 500 } } })
      .start()
    const options = { cassette, upstream: real.baseUrl, ...silent }
    {
      await using recording = await createLlmProxy({ ...options, mode: 'record', apiKey: key })
      const client = clientFor(recording)
      for (let turn = 0; turn < 2; turn++) {
        const answer = await client.chat.completions.create({ ...request, user: `user ${turn}` })
        expect(answer.choices[0]!.message.content).toBe('recorded')
      }
      expect(recording.requests.map(({ outcome }) => outcome)).toEqual(['forwarded', 'replayed'])
      expect(recording.cost).toMatchObject({ spentUsd: 0.0075, usd: 0.015 })
    }
    expect(real.requests).toHaveLength(1)

    await using replaying = await createLlmProxy({ mode: 'replay', cassette })
    const { data, response } = await clientFor(replaying)
      .chat.completions.create({ messages: [{ content: 'Hi', role: 'user' }], model: 'gpt-4o' })
      .withResponse()
    expect(data.choices[0]!.message.content).toBe('recorded')
    expect(response.headers.get('x-request-id')).toBe('req_1')
    expect(replaying.cost).toMatchObject({ spentUsd: 0, usd: 0.0075 })
  })

  it('writes a Keploy mock with model and date, and without the key', async () => {
    const cassette = join(folder, 'written.yaml')
    await using real = await new MockOpenAIBuilder().chat
      .once({ reply: { content: `the key is ${key}`, headers: { 'x-api-key': 'hunter2hunter2' } } })
      .start()
    {
      const now = (): number => Date.UTC(2026, 0, 2, 3, 4, 5)
      await using llm = await createLlmProxy({ mode: 'record', cassette, upstream: real.baseUrl, now, ...silent })
      await clientFor(llm, { apiKey: key }).chat.completions.create({ ...request, messages: [user(`use ${key}`)] })
    }
    expect(real.requests[0]!.headers['authorization']).toBe('***')
    const text = await readFile(cassette, 'utf8')
    expect(text).not.toContain(key)
    expect(text).not.toContain('hunter2')
    expect(parseDocuments(text, { file: 'mocks.yaml' }).issues).toEqual([])
    const { mock, issues } = (await collect(readMocks(cassette)))[0]!
    expect(issues).toEqual([])
    expect(mock).toMatchObject({
      kind: 'Http',
      name: 'llm-1',
      lifetime: 'perTest',
      spec: {
        metadata: { model: 'gpt-4o', recordedAt: '2026-01-02T03:04:05.000Z' },
        req: { method: 'POST', header: { Authorization: 'Bearer {{secret.1}}' } },
        resp: { header: { 'X-Api-Key': '{{secret.2}}' } },
      },
    })
    await using llm = await createLlmProxy({ mode: 'replay', cassette })
    const answer = await clientFor(llm).chat.completions.create({ ...request, messages: [user(`use ${key}`)] })
    expect(answer.choices[0]!.message.content).toBe('the key is {{secret.1}}')
  })

  it('keeps streams event by event with their timing, and hides the usage from a client that did not ask', async () => {
    const cassette = join(folder, 'stream.yaml')
    const text = 'einß zwei 🏔️ drei'
    await using real = await new MockOpenAIBuilder().chat
      .once({ reply: { content: text, chunkDelayMs: 8, usage: { prompt: 100, completion: 10 } } })
      .responses.once('one two')
      .start()
    const streamed = { ...request, stream: true as const }
    const read = async (mode: LlmProxyOptions['mode'], more: object = {}, options: object = {}) => {
      await using llm = await createLlmProxy({ mode, cassette, upstream: real.baseUrl, ...options, ...silent })
      const chunks = await collect(await clientFor(llm).chat.completions.create({ ...streamed, ...more }))
      const events = await collect(await clientFor(llm).responses.create({ model: 'gpt-5', input: 'Hi', stream: true }))
      return { chunks, events, cost: llm.cost }
    }
    const recorded = await read('record')
    expect(real.requests[0]!.body).toMatchObject({ stream_options: { include_usage: true } })
    expect(recorded.cost.usd).toBeGreaterThan(0)
    expect(recorded.chunks.every((chunk) => !('usage' in chunk))).toBe(true)
    expect(recorded.chunks.map((chunk) => chunk.choices[0]!.delta.content ?? '').join('')).toBe(text)

    const replayed = await read('replay')
    expect(replayed.chunks).toEqual(recorded.chunks)
    expect(replayed.events).toEqual(recorded.events)
    expect(replayed.cost).toMatchObject({ usd: recorded.cost.usd, spentUsd: 0 })

    // Other pauses than those that happened, so that it can be seen where they come from.
    const recordedText = await readFile(cassette, 'utf8')
    const pauses = /pausesMs: (.*)/.exec(recordedText)![1]!.split(' ').map(Number)
    expect(pauses).toHaveLength(recorded.chunks.length + 2)
    expect(pauses.every((pause) => pause >= 0)).toBe(true)
    await writeFile(cassette, recordedText.replace(/pausesMs: .*/, `pausesMs: ${pauses.map(() => 20).join(' ')}`))
    const begin = performance.now()
    const slow = await read('replay', { stream_options: { include_usage: true } }, { replayTiming: 'recorded' })
    expect(performance.now() - begin).toBeGreaterThan(pauses.length * 19)
    expect(slow.chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 10 } })
  })

  it('says what is nearest, and how it differs, when nothing was recorded', async () => {
    const cassette = join(folder, 'miss.yaml')
    await using real = await new MockOpenAIBuilder().chat.times(2, 'x').start()
    {
      await using llm = await createLlmProxy({ mode: 'record', cassette, upstream: real.baseUrl, ...silent })
      await clientFor(llm).chat.completions.create({ ...request, temperature: 0.5 })
      await clientFor(llm).chat.completions.create({ ...request, messages: [user('else'), user('more')] })
    }
    const llm = await createLlmProxy({ mode: 'replay', cassette })
    const error = await failure(clientFor(llm).chat.completions.create({ ...request, temperature: 1 }))
    expect(error).toMatchObject({ status: 500, code: 'KEPLOY_LLM_CASSETTE_MISS' })
    expect(error.message).toContain('The nearest of 2 recordings in miss.yaml is llm-1 (gpt-4o, recorded 2')
    expect(error.message).toContain('  - temperature: recorded 0.5, asked 1')
    expect(llm.requests).toHaveLength(1)
    const embedding = await failure(clientFor(llm).embeddings.create({ model: 'm', input: 'x' }))
    expect(embedding.message).toContain('recorded POST /v1/chat/completions, asked POST /v1/embeddings')
    await expect(llm.close()).rejects.toMatchObject({ code: 'KEPLOY_LLM_CASSETTE_MISS' })
  })

  it('plays repeated requests in their order, in each scope for itself', async () => {
    const cassette = join(folder, 'repeated.yaml')
    await using real = await new MockOpenAIBuilder().chat.once('first', 'second').start()
    for (const turn of [0, 1]) {
      // The second recording has the first one out of the way.
      const file = join(folder, `part-${turn}.yaml`)
      await using llm = await createLlmProxy({ mode: 'record', cassette: file, upstream: real.baseUrl, ...silent })
      await clientFor(llm).chat.completions.create(request)
    }
    const parts = await Promise.all([0, 1].map((turn) => readFile(join(folder, `part-${turn}.yaml`), 'utf8')))
    await writeFile(cassette, parts.join(''))
    await using llm = await createLlmProxy({ mode: 'replay', cassette })
    const ask = async (id: string) =>
      (await clientFor(llm.scope(id)).chat.completions.create(request)).choices[0]!.message.content
    expect([await ask('a'), await ask('b'), await ask('a'), await ask('a')]).toEqual([
      'first',
      'first',
      'second',
      'second',
    ])
  })

  it('ignores the fields that it is told to ignore', async () => {
    const cassette = join(folder, 'ignore.yaml')
    await using real = await new MockOpenAIBuilder().chat.once('x').start()
    const options = {
      cassette,
      upstream: real.baseUrl,
      ignore: ['seed'],
      normalise: (body: unknown) => JSON.parse(JSON.stringify(body).replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE')) as unknown,
      ...silent,
    }
    for (const [index, day] of ['2026-01-01', '2026-02-02'].entries()) {
      await using llm = await createLlmProxy({ ...options, mode: index === 0 ? 'record' : 'replay' })
      await clientFor(llm).chat.completions.create({ ...request, seed: index, messages: [user(`Today is ${day}`)] })
    }
    expect(real.requests).toHaveLength(1)
  })

  it('starts anew with refresh, and puts scripted faults in front of recordings', async () => {
    const cassette = join(folder, 'refresh.yaml')
    await using real = await new MockOpenAIBuilder().chat.once('old', 'new').start()
    const options = { cassette, upstream: real.baseUrl, mode: 'record' as const, ...silent }
    for (const refresh of [false, true]) {
      await using llm = await createLlmProxy({ ...options, refresh })
      await clientFor(llm).chat.completions.create(request)
    }
    await using llm = await createLlmProxy({ mode: 'replay', cassette })
    llm.chat.once(faults.rateLimit({ retryAfterMs: 1 }))
    expect((await clientFor(llm).chat.completions.create(request)).choices[0]!.message.content).toBe('new')
    expect(llm.requests.map(({ outcome }) => outcome)).toEqual(['faulted', 'replayed'])
  })

  it('does not record what another attempt may not meet', async () => {
    const cassette = join(folder, 'errors.yaml')
    await using real = await new MockOpenAIBuilder().chat
      .once(faults.rateLimit({ retryAfterMs: 1 }), 'fine', faults.status(400), faults.cut({ afterChunks: 1 }))
      .start()
    await using llm = await createLlmProxy({ mode: 'record', cassette, upstream: real.baseUrl, ...silent })
    const client = clientFor(llm)
    expect((await client.chat.completions.create(request)).choices[0]!.message.content).toBe('fine')
    expect(await failure(client.chat.completions.create({ ...request, seed: 1 }))).toMatchObject({ status: 400 })
    const stream = await client.chat.completions.create({ ...request, stream: true })
    expect((await failure(collect(stream))).message).toMatch(/terminated|Connection error/)
    expect((await readFile(cassette, 'utf8')).match(/status_code: \d+/g)).toEqual([
      'status_code: 200',
      'status_code: 400',
    ])
  })

  it('says what is wrong with a cassette', async () => {
    const missing = failure(createLlmProxy({ mode: 'replay', cassette: join(folder, 'none.yaml') }))
    expect((await missing).message).toContain('does not exist. Record it first (mode "record").')
    const broken = join(folder, 'broken.yaml')
    await writeFile(broken, 'version: api.keploy.io/v1beta1\nkind: Http\nspec: {"\n')
    expect(await failure(createLlmProxy({ mode: 'replay', cassette: broken }))).toMatchObject({
      code: 'KEPLOY_LLM_CASSETTE',
      message: expect.stringContaining('broken.yaml, line ') as string,
    })
    const empty = join(folder, 'empty.yaml')
    await writeFile(empty, '')
    await using llm = await createLlmProxy({ mode: 'replay', cassette: empty, strict: false })
    expect((await failure(clientFor(llm).chat.completions.create(request))).message).toContain('has no recordings')
  })

  it('goes on answering when the cassette cannot be written, and reports it', async () => {
    await using real = await new MockOpenAIBuilder().chat.once('x').start()
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    // A folder cannot be made below a file, whoever asks.
    const llm = await createLlmProxy({
      mode: 'record',
      cassette: join(file, 'mocks.yaml'),
      upstream: real.baseUrl,
      ...silent,
    })
    expect((await clientFor(llm).chat.completions.create(request)).choices).toHaveLength(1)
    await expect(llm.close()).rejects.toMatchObject({ code: 'KEPLOY_LLM_CASSETTE_WRITE' })
  })

  it.each([
    { mode: 'replay' },
    { mode: 'record', cassette: '' },
    { mode: 'other' },
    { mode: 'live', upstream: 'ftp://x' },
    { mode: 'live', budgetUsd: -1 },
  ])('refuses options that do not fit: %j', async (options) => {
    const error = await failure(createLlmProxy(options as LlmProxyOptions))
    expect(error).toMatchObject({ code: 'KEPLOY_LLM_OPTION' })
  })

  it('is a server with scripts only in the mode mock', async () => {
    await using llm = await createLlmProxy({ mode: 'mock' })
    expect(llm.mode).toBe('mock')
    llm.chat.once('scripted')
    expect((await clientFor(llm).chat.completions.create(request)).choices[0]!.message.content).toBe('scripted')
  })
})

describe('live', () => {
  let upstream: Server
  let base = ''
  const seen: string[] = []
  let sockets = 0

  beforeAll(async () => {
    upstream = createServer((incoming, response) => {
      incoming.resume()
      seen.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`)
      if (incoming.url === '/base/audio') response.end(Buffer.from([0, 255, 1]))
      else if (incoming.url === '/base/models') {
        response.setHeader('content-type', 'application/json')
        response.end('{"object":"list","data":[{"id":"real"}]}')
      } else if (incoming.url === '/base/responses') incoming.socket.destroy()
      else {
        // A stream whose events lie across chunks, with bytes of a character apart.
        const event = Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"é"}}],"usage":null}\r\n\r\n')
        const cut = event.indexOf(0xc3) + 1
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(event.subarray(0, cut))
        setImmediate(() => response.end(Buffer.concat([event.subarray(cut), Buffer.from('data: [DONE]')])))
      }
    })
    upstream.on('connection', (socket) => {
      sockets++
      socket.on('close', () => sockets--)
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/base`
  })

  afterAll(() => {
    upstream.close()
  })

  it('passes every path on, with the key that is meant, and closes its connections', async () => {
    const llm = await createLlmProxy({ mode: 'live', upstream: `${base}/`, apiKey: key, ...silent })
    expect((await collect(clientFor(llm).models.list())).map(({ id }) => id)).toEqual(['real'])
    const bytes = await fetch(`${llm.baseUrl}/audio`, { method: 'POST', body: 'x' })
    expect([...new Uint8Array(await bytes.arrayBuffer())]).toEqual([0, 255, 1])
    expect(seen).toEqual([`GET /base/models Bearer ${key}`, `POST /base/audio Bearer ${key}`])
    expect(llm.cost.unpriced).toEqual(['/v1/audio (no usage reported)'])
    await llm.close()
    await expect.poll(() => sockets).toBe(0)
  })

  it('reports what it could not record, because it is no text', async () => {
    const llm = await createLlmProxy({
      mode: 'record',
      cassette: join(folder, 'audio.yaml'),
      upstream: base,
      ...silent,
    })
    expect((await fetch(`${llm.baseUrl}/audio`, { method: 'POST', body: 'x' })).status).toBe(200)
    await expect(llm.close()).rejects.toThrow('POST /v1/audio was not recorded: the answer is no text')
  })

  it('puts events together whatever their chunks, and books a stream without usage as unpriced', async () => {
    await using llm = await createLlmProxy({ mode: 'live', upstream: base, ...silent })
    const chunks = await collect(await clientFor(llm).chat.completions.create({ ...request, stream: true }))
    expect(chunks).toMatchObject([{ choices: [{ index: 0, delta: { content: 'é' } }] }])
    expect(chunks[0]).not.toHaveProperty('usage')
    expect(llm.cost).toMatchObject({ usd: 0, unpriced: ['gpt-4o (no usage reported)'] })
  })

  it('answers 502 when the real API cannot be reached or hangs up, so that clients try again', async () => {
    await using closed = await createLlmProxy({ mode: 'live', upstream: 'http://127.0.0.1:1/v1', ...silent })
    const refused = await failure(clientFor(closed, { maxRetries: 1 }).chat.completions.create(request))
    expect(refused).toMatchObject({ status: 502, code: 'KEPLOY_LLM_UPSTREAM' })
    expect(refused.message).toContain("http://127.0.0.1:1/v1 can't be reached: connect ECONNREFUSED")
    expect(closed.requests).toHaveLength(2)
    await using llm = await createLlmProxy({ mode: 'live', upstream: base, ...silent })
    const cut = await failure(clientFor(llm, { maxRetries: 0 }).responses.create({ model: 'gpt-5', input: 'x' }))
    expect(cut).toMatchObject({ status: 502 })
  })

  it('ends the request to the real API when the client leaves', async () => {
    await using real = await new MockOpenAIBuilder({ strict: false }).chat
      .once(faults.stall({ afterChunks: 1 }))
      .start()
    await using llm = await createLlmProxy({ mode: 'live', upstream: real.baseUrl, ...silent })
    const stream = await clientFor(llm).chat.completions.create({ ...request, stream: true })
    for await (const chunk of stream) {
      expect(chunk.choices).toHaveLength(1)
      break
    }
    await expect.poll(() => [real.requests[0]!.outcome, llm.requests[0]!.outcome]).toEqual(['gone', 'gone'])
  })
})
