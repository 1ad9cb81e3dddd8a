import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { PoisonError, UnavailableError } from '../bus/errors.ts'
import { openAiModel } from './openai-model.ts'

async function ask(listener: RequestListener): Promise<string[]> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const model = openAiModel({ baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'k1', model: 'm' })
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

test('a model that cannot be reached is unavailable', async () => {
  const model = openAiModel({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: undefined, model: 'm' })
  await expect(model.answer([])[Symbol.asyncIterator]().next()).rejects.toThrow(UnavailableError)
})
