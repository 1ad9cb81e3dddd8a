import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CompletionRequest {
  headers: IncomingHttpHeaders
  body: { model: string; messages: { role: string; content: string }[] }
}

/** What the server says to a request: a status and a body, or nothing at all. */
export type CompletionReply = { status?: number; body: unknown; headers?: Record<string, string> } | 'hang' | 'hang up'

/** A chat completion, with the usage that many tests need. */
export function completion(content: string | null, fields: object = {}) {
  return {
    body: {
      model: 'model-of-the-test',
      choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1000, completion_tokens: 500 },
      ...fields,
    },
  }
}

/** A real OpenAI-compatible endpoint, whose replies a test decides. */
export async function startCompletionServer(reply: (request: CompletionRequest, number: number) => CompletionReply) {
  const requests: CompletionRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const received = {
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()) as CompletionRequest['body'],
      }
      const answer = reply(received, requests.push(received))
      if (answer === 'hang') return
      if (answer === 'hang up') return void response.destroy()
      const { status = 200, body, headers = {} } = answer
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
