import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'

import { completion, startCompletionServer } from '../../test/completion-server.ts'
import { readAgentsConfig } from '../agents/agents-config.ts'
import { makeAgents } from '../agents/make-agents.ts'
import { startTelemetry, wantsTelemetry } from './start-telemetry.ts'

interface ReceivedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  status: { code?: number }
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
}

/** A collector that takes spans as OTLP/HTTP with JSON. */
async function startCollector() {
  const spans: ReceivedSpan[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[]
      }
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const attributesOf = ({ attributes }: ReceivedSpan) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

test('each call of a model is a span below that of its caller, with its tokens, and without its texts', async () => {
  await using collector = await startCollector()
  await using server = await startCompletionServer((_request, number) =>
    number === 1 ? { status: 503, body: 'busy' } : completion('The secret answer to the question.'),
  )
  const endpoint = { kind: 'endpoint', base_url: server.baseUrl, model: 'm' }
  const read = readAgentsConfig(JSON.stringify({ agents: { claude: endpoint }, backoff_ms: 1 }))
  if ('problems' in read) throw new Error(read.problems.join('\n'))

  const telemetry = await startTelemetry(`${collector.url}/v1/traces`)
  const agent = makeAgents({ config: read.config, openai: undefined, env: {} }).get('claude')!
  await trace.getTracer('test').startActiveSpan('caller', async (span) => {
    await agent.ask('What is the question?', new AbortController().signal)
    span.end()
  })
  await telemetry[Symbol.asyncDispose]()

  const caller = collector.spans.find(({ name }) => name === 'caller')
  const calls = collector.spans.filter(({ name }) => name === 'chat claude')
  expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([caller?.spanId, caller?.spanId])
  expect(calls.map(({ traceId }) => traceId)).toEqual([caller?.traceId, caller?.traceId])
  const [failed, answered] = calls
  expect(failed?.status.code).toBe(2)
  expect(attributesOf(failed!)).toMatchObject({ 'error.type': 'AgentFailure', 'gen_ai.agent.name': 'claude' })
  expect(attributesOf(answered!)).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.response.model': 'model-of-the-test',
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 500,
  })
  expect(JSON.stringify(collector.spans)).not.toMatch(/secret|What is the question/)
})

test('a collector that is away holds nothing up', async () => {
  const telemetry = await startTelemetry('http://127.0.0.1:9/v1/traces')
  trace.getTracer('test').startSpan('lost').end()
  await expect(telemetry[Symbol.asyncDispose]()).resolves.toBeUndefined()
}, 60_000)

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
])('%j asks for spans to be sent: %s', (env, wanted) => {
  expect(wantsTelemetry(env)).toBe(wanted)
})
