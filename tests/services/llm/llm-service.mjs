// A service that asks a language model: POST /summary { text } whole, POST /stream { text } as a stream.
import { appendFileSync } from 'node:fs'
import http from 'node:http'

import OpenAI from 'openai'

const client = new OpenAI({ apiKey: 'sk-of-a-test-0123456789', baseURL: process.env.LLM_URL, maxRetries: 0 })
const system = process.env.PROMPT ?? 'Summarise in one line.'

function question(text) {
  return {
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: text },
    ],
  }
}

async function summary(text) {
  const { choices } = await client.chat.completions.create(question(text))
  return { summary: choices[0].message.content }
}

async function stream(text) {
  const pieces = []
  const times = []
  const begin = performance.now()
  const body = { ...question(text), stream: true, stream_options: { include_usage: true } }
  for await (const chunk of await client.chat.completions.create(body)) {
    const piece = chunk.choices[0]?.delta.content
    if (piece) {
      pieces.push(piece)
      times.push(Math.round(performance.now() - begin))
    }
  }
  // The answer has to be the same each time; how long it took is told beside.
  appendFileSync('took.txt', `${times.at(-1) - times[0]}\n`)
  return { pieces }
}

async function answer(request, response) {
  try {
    let body = ''
    for await (const chunk of request) body += chunk
    const { text } = JSON.parse(body)
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(await (request.url === '/summary' ? summary(text) : stream(text))))
  } catch (error) {
    response.statusCode = 502
    response.end(JSON.stringify({ error: String(error.message) }))
  }
}

const server = http.createServer((request, response) => void answer(request, response))
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
