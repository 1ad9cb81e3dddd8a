import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { PoisonError, UnavailableError } from '../bus/errors.ts'
import { AnswerFilteredError } from './language-model.ts'
import { ModelCircuit } from './model-circuit.ts'
import { openAiModel } from './openai-model.ts'

async function ask(listener: RequestListener, options: object = {}): Promise<string[]> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const model = openAiModel({ baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'k1', model: 'm', ...options })
  const pieces: string[] = []
  try {
    for await (const piece of model.answer([{ role: 'user', content: 'Hi' }])) pieces.push(piece)
  } finally {
    server.closeAllConnections()
    server.close()
  }
  return pieces
}

const chunk = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

test('pieces come as they are streamed, also when bytes of a character come apart', async () => {
  let asked = ''
  const pieces = await ask((request, response) => {
    asked = `${request.method} ${request.url} ${request.headers.authorization}`
    const bytes = Buffer.from(chunk('Zoë'))
    const middle = bytes.indexOf(0xc3) + 1
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(bytes.subarray(0, middle))
    setImmediate(() =>
      response.end(Buffer.concat([bytes.subarray(middle), Buffer.from(`${chunk('!')}data: [DONE]\n\n`)])),
    )
  })
  expect(pieces).toEqual(['Zoë', '!'])
  expect(asked).toBe('POST /v1/chat/completions Bearer k1')
})

test('empty pieces, and those without a choice, do no harm', async () => {
  const none = 'data: {"choices":[]}\n\ndata: {"choices":[{"delta":{}}]}\n\n: nothing\n\n'
  const pieces = await ask((_request, response) =>
    response.end(`${chunk('')}${chunk('Zoë')}${none}${chunk('')}${chunk('!')}data: [DONE]\n\n`),
  )
  expect(pieces).toEqual(['Zoë', '!'])
})

test.each([
  [401, PoisonError],
  [429, UnavailableError],
  [500, UnavailableError],
])('an answer with status %d is worth the right kind of retry', async (status, kind) => {
  const asked = ask((_request, response) => response.writeHead(status).end('no'))
  await expect(asked).rejects.toThrow(kind)
  await expect(asked).rejects.toThrow(`The model answered ${status}: no`)
})

test('an answer that breaks off is no answer', async () => {
  const asked = ask((_request, response) => response.end(chunk('half')))
  await expect(asked).rejects.toThrow('ended before it was complete')
})

test('an answer that is withheld in the middle is told apart from one that breaks off', async () => {
  const filtered = `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'content_filter' }] })}\n\n`
  const asked = ask((_request, response) => response.end(chunk('half') + filtered))
  await expect(asked).rejects.toThrow(AnswerFilteredError)
})

test('silence in the middle of an answer is unavailable, as silence before it is', async () => {
  const silent = ask(() => {}, { timeoutMs: 50 })
  await expect(silent).rejects.toThrow(UnavailableError)
  const halfway = ask((_request, response) => response.writeHead(200).write(chunk('half')), { timeoutMs: 200 })
  await expect(halfway).rejects.toThrow(UnavailableError)
})

test('a model whose answers do not begin is left alone; one that begins to answer is well', async () => {
  const circuit = new ModelCircuit({ threshold: 2 })
  const fails: RequestListener = (_request, response) => response.writeHead(500).end()
  await expect(ask(fails, { circuit })).rejects.toThrow('answered 500')
  await ask((_request, response) => response.end('data: [DONE]\n\n'), { circuit })
  for (const _ of [1, 2]) await expect(ask(fails, { circuit })).rejects.toThrow('answered 500')
  await expect(ask(fails, { circuit })).rejects.toThrow('left alone for a while')
})

test('a model that cannot be reached is unavailable', async () => {
  const model = openAiModel({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: undefined, model: 'm' })
  await expect(model.answer([])[Symbol.asyncIterator]().next()).rejects.toThrow(UnavailableError)
})
