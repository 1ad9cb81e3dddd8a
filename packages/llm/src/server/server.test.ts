import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { clientFor, collect, failure, user } from '../../test/client.ts'
import { faults } from '../faults/faults.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import { MockApiBuilder } from '../rest/mock-api-builder.ts'

const request = { model: 'gpt-4o', messages: [user('Hi')] }
const chunk = async (stream: AsyncIterable<unknown>): Promise<unknown> => {
  for await (const one of stream) return one
  return undefined
}

describe('scopes', () => {
  it('keep scripts, requests and cost of tests that run at the same time apart', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once('of the server').start()
    const tests = Array.from({ length: 20 }, (_, index) => `suite > test ${index} "ü"/'?#`)
    const answers = await Promise.all(
      tests.map(async (name) => {
        await using scope = llm.scope(name)
        scope.chat.once(
          { match: { nth: 1 }, reply: `first of ${name}` },
          { match: { nth: 2 }, reply: `second of ${name}` },
        )
        const client = clientFor(scope)
        const first = await client.chat.completions.create(request)
        const second = await client.chat.completions.create(request)
        expect(scope.requests).toHaveLength(2)
        expect(scope.cost.calls).toBe(2)
        return [first, second].map(({ choices }) => choices[0]!.message.content)
      }),
    )
    expect(answers).toEqual(tests.map((name) => [`first of ${name}`, `second of ${name}`]))
    expect((await clientFor(llm).chat.completions.create(request)).choices[0]!.message.content).toBe('of the server')
    expect(llm.requests).toHaveLength(1)
    expect(llm.cost.calls).toBe(41)
  })

  it('are the same one for the same name, and gone when they are closed', async () => {
    const llm = await new MockOpenAIBuilder().start()
    const scope = llm.scope('a b')
    expect(llm.scope('a b')).toBe(scope)
    expect(scope.baseUrl).toBe(`http://127.0.0.1:${llm.port}/t/a%20b/v1`)
    expect(scope.env).toEqual({ OPENAI_BASE_URL: scope.baseUrl, OPENAI_API_KEY: 'sk-test' })
    await scope.close()
    await scope.close()
    const error = await failure(clientFor(scope).chat.completions.create(request))
    expect(error).toMatchObject({ status: 500, code: 'KEPLOY_LLM_SCOPE' })
    expect(error.message).toContain('The scope "a b" does not exist, or was closed.')
    expect(() => llm.scope('')).toThrow(expect.objectContaining({ code: 'KEPLOY_LLM_OPTION' }))
    await expect(llm.close()).rejects.toMatchObject({ code: 'KEPLOY_LLM_SCOPE' })
  })

  it('are named in what is reported at the end, also when the server closes them', async () => {
    const llm = await new MockOpenAIBuilder().start()
    llm.scope('billing').chat.once('never asked for')
    await expect(llm.close()).rejects.toThrow('The LLM server, test "billing": Scripts that nothing asked for')
  })

  it('end their open requests when they are closed, and no others', async () => {
    await using llm = await new MockOpenAIBuilder().start()
    const [a, b] = [llm.scope('a'), llm.scope('b')]
    const streams = [a, b].map(async (scope) => {
      scope.chat.once({ reply: 'one two', fault: faults.stall({ afterChunks: 2, ms: scope === a ? 60_000 : 200 }) })
      return clientFor(scope).chat.completions.create({ ...request, stream: true })
    })
    const [first, second] = await Promise.all(streams)
    const reading = failure(collect(first!))
    await expect.poll(() => a.requests[0]?.status).toBe(200)
    await a.close()
    expect((await reading).message).toMatch(/terminated|Connection error/)
    expect(await collect(second!)).not.toHaveLength(0)
  })
})

describe('closing', () => {
  it('ends streams that stall, at once', async () => {
    const llm = await new MockOpenAIBuilder().chat.once(faults.stall({ afterChunks: 1 }), faults.timeout()).start()
    const stream = await clientFor(llm).chat.completions.create({ ...request, stream: true })
    const reading = failure(collect(stream))
    const waiting = failure(clientFor(llm, { maxRetries: 0 }).chat.completions.create(request))
    await expect.poll(() => llm.requests.length).toBe(2)
    await Promise.all([llm.close(), llm.close()])
    expect((await reading).message).toMatch(/terminated|Connection error/)
    expect((await waiting).message).toMatch(/Connection error/)
    await expect(fetch(llm.baseUrl)).rejects.toThrow('fetch failed')
  })

  it('survives clients that are killed in the middle of a stream', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once({ reply: { content: 'word '.repeat(500), chunkDelayMs: 5 } })
      .chat.once('still here')
      .start()
    const script = `fetch('${llm.baseUrl}/chat/completions', { method: 'POST', body: JSON.stringify({ model: 'gpt-4o', stream: true,
      messages: [{ role: 'user', content: 'x' }] }) }).then(async (r) => { for await (const c of r.body) console.log('got') })`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect.poll(() => llm.requests[0]?.outcome).toBe('gone')
    expect((await clientFor(llm).chat.completions.create(request)).choices[0]!.message.content).toBe('still here')
  })

  it('notices clients that leave while they stream', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once({ reply: { content: 'x '.repeat(1000), chunkDelayMs: 5 } })
      .start()
    expect(await chunk(await clientFor(llm).chat.completions.create({ ...request, stream: true }))).toBeDefined()
    await expect.poll(() => llm.requests[0]!.outcome).toBe('gone')
    expect(llm.cost.calls).toBe(0)
  })
})

describe('odd requests', () => {
  const send = async (base: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${base}${path}`, { method: 'POST', ...init })
    const text = await response.text()
    return { status: response.status, error: (JSON.parse(text) as { error: { message: string; param: string } }).error }
  }

  it('are refused as the API refuses them', async () => {
    await using llm = await new MockOpenAIBuilder().chat.always('x').start()
    const base = llm.baseUrl
    const json = (body: unknown): RequestInit => ({ body: JSON.stringify(body) })
    expect(await send(base, '/chat/completions', { method: 'PUT', ...json(request) })).toMatchObject({ status: 405 })
    expect(await send(base, '/chat/completions', { body: '{"model": "gpt-4o",' })).toMatchObject({
      status: 400,
      error: { message: 'The body of the request is not valid JSON.' },
    })
    expect(await send(base, '/chat/completions', { body: '' })).toMatchObject({ status: 400 })
    expect(await send(base, '/chat/completions', json([1]))).toMatchObject({ status: 400 })
    expect(await send(base, '/chat/completions', json({ messages: [] }))).toMatchObject({
      status: 400,
      error: { param: 'model' },
    })
    expect(await send(base, '/chat/completions', json({ model: 'm', messages: [] }))).toMatchObject({
      status: 400,
      error: { param: 'messages' },
    })
    expect(await send(base, '/embeddings', json({ model: 'm' }))).toMatchObject({
      status: 400,
      error: { param: 'input' },
    })
    expect(llm.requests.every(({ outcome }) => outcome === 'rejected')).toBe(true)
    llm.assertComplete()
  })

  it('outside what is served are reported', async () => {
    const llm = await new MockOpenAIBuilder({ strict: false }).start()
    expect(await send(llm.baseUrl, '/images/generations', { body: '{}' })).toMatchObject({ status: 500 })
    expect(await send(`http://127.0.0.1:${llm.port}`, '/elsewhere', { body: '{}' })).toMatchObject({ status: 500 })
    expect(await send(llm.baseUrl, '/models/%zz', { method: 'GET' })).toMatchObject({ status: 404 })
    await llm.close()
    expect(llm.problems.map(({ code }) => code)).toEqual(['KEPLOY_LLM_UNSCRIPTED', 'KEPLOY_LLM_UNSCRIPTED'])
  })

  it('of ten megabytes and any characters are answered, larger ones than allowed are not', async () => {
    await using llm = await new MockOpenAIBuilder({ maxBodyBytes: 12 * 1024 * 1024 }).chat
      .always({ match: { last: /🏔️$/u }, reply: { content: '\u{1f3d4}\ufe0f \0 "\\\n' } })
      .start()
    const long = `${'ünï '.repeat(1.7 * 1024 * 1024)}🏔️`
    const answer = await clientFor(llm).chat.completions.create({ model: 'gpt-4o', messages: [user(long)] })
    expect(answer.choices[0]!.message.content).toBe('\u{1f3d4}\ufe0f \0 "\\\n')
    const tooLong = failure(
      clientFor(llm).chat.completions.create({ model: 'gpt-4o', messages: [user('x'.repeat(13 * 1024 * 1024))] }),
    )
    expect(await tooLong).toMatchObject({ status: 413 })
  })

  it('are answered with streams of many megabytes, no faster than the client reads', async () => {
    const chunks = Array.from({ length: 200 }, (_, index) => String(index % 10).repeat(64 * 1024))
    await using llm = await new MockOpenAIBuilder().chat.once({ reply: { chunks } }).start()
    const stream = await clientFor(llm).chat.completions.create({ ...request, stream: true })
    let size = 0
    for await (const one of stream) size += one.choices[0]!.delta.content?.length ?? 0
    expect(size).toBe(200 * 64 * 1024)
  })

  it('that are no HTTP, or end early, disturb nobody', async () => {
    await using llm = await new MockOpenAIBuilder().chat.always('x').start()
    const socket = connect(llm.port, '127.0.0.1')
    socket.write('\u0016\u0003\u0001 not HTTP\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    const half = httpRequest(`${llm.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-length': '100' },
    })
    half.on('error', () => undefined)
    half.write('{"model"')
    await once(half, 'socket')
    half.destroy()
    expect((await clientFor(llm).chat.completions.create(request)).choices).toHaveLength(1)
  })

  it('of any JSON get an answer of the API, never a hang or a broken connection', async () => {
    await using llm = await new MockOpenAIBuilder({ strict: false }).chat
      .always('x')
      .responses.always('x')
      .embeddings.always({ reply: { dimensions: 2 } })
      .start()
    const fields = ['model', 'messages', 'input', 'stream', 'tools', 'n', 'response_format', 'text', 'stream_options']
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('chat/completions', 'responses', 'embeddings'),
        fc.oneof(
          fc.json(),
          fc
            .dictionary(fc.constantFrom(...fields), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })))
            .map((value) => JSON.stringify({ model: 'm', messages: [user('x')], input: 'x', ...value })),
        ),
        async (path, body) => {
          const response = await fetch(`${llm.baseUrl}/${path}`, { method: 'POST', body })
          const text = await response.text()
          // A request may ask for a schema that the scripted text does not satisfy.
          expect(response.status === 500 ? text : '"KEPLOY_LLM_SCHEMA"').toContain('"KEPLOY_LLM_SCHEMA"')
          expect([200, 400, 500]).toContain(response.status)
          expect(text).not.toBe('')
        },
      ),
      { numRuns: 100 },
    )
  }, 30_000)
})

it('starts a builder once', async () => {
  for (const builder of [new MockOpenAIBuilder(), new MockApiBuilder()]) {
    await using server = await builder.start()
    expect(server.requests).toEqual([])
    await expect(builder.start()).rejects.toMatchObject({ code: 'KEPLOY_LLM_OPTION' })
  }
})

it('says that a port is taken', async () => {
  await using llm = await new MockOpenAIBuilder().start()
  const error = await failure(new MockOpenAIBuilder({ port: llm.port }).start())
  expect(error).toMatchObject({ code: 'KEPLOY_LLM_LISTEN' })
  expect(error.message).toContain('EADDRINUSE')
})
