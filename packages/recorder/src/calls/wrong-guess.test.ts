import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

import type { Call, ProtocolName } from '@keploy-framework/format'
import { createLocalCertificate, startRelays } from '@keploy-framework/intercept'
import { protocols } from '@keploy-framework/wire'
import { describe, expect, it } from 'vitest'

import { CallRecorder } from './call-recorder.ts'

/** A server that plays a script: what it says at the start, and its answer to each line. */
async function lineServer(greeting: string, ends: boolean) {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    if (greeting !== '') socket.write(greeting)
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n')) {
        const line = text.slice(0, at)
        text = text.slice(at + 1)
        socket.write(line === '' ? '!' : `${line.length}:${line};`)
        if (ends) socket.end()
      }
    })
    socket.on('end', () => socket.end(text))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() }
}

/** Says lines one after the other, each when the one before it was answered, and then its end. */
async function talk(port: number, greeting: string, lines: readonly string[], last: string): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let heard = ''
  const hears = async (text: string): Promise<void> => {
    while (!heard.endsWith(text)) heard += String((await once(socket, 'data'))[0])
  }
  if (greeting !== '') await hears(greeting)
  for (const line of lines) {
    socket.write(`${line}\n`)
    await hears(line === '' ? '!' : `${line.length}:${line};`)
  }
  socket.end(last)
  for await (const chunk of socket) heard += String(chunk)
  return heard
}

async function recorded(protocol: ProtocolName, serverPort: number, drive: (port: number) => Promise<void>) {
  const calls: Call[] = []
  const gaps: string[] = []
  const problems: string[] = []
  const recorder = new CallRecorder({
    onCall: (call) => calls.push(call),
    onGap: (_dependency, reason) => gaps.push(reason),
    causeOf: () => undefined,
  })
  await using relays = startRelays({
    handler: recorder.handler,
    certificateFor: (host) => createLocalCertificate({ hosts: [host] }),
    onProblem: (_route, problem) => problems.push(problem),
  })
  const { port } = await relays.open({
    dependency: `${protocol} store:1`,
    protocol,
    target: { host: '127.0.0.1', port: serverPort },
    tls: { mode: 'off' },
    via: 'relay',
  })
  await drive(port)
  await expect.poll(() => relays.connections).toBe(0)
  return { calls, gaps, problems }
}

const names = protocols.map(({ name }) => name)

describe.each(names)('a dependency that is taken for %s and is not', (protocol) => {
  it.each([
    ['that answers', '', ['hello there', 'x'.repeat(70_000), '\u0000\u0001', 'what?'], 'the rest without an end'],
    ['that greets', '220 ready when you are\r\n', ['EHLO me', 'QUIT'], ''],
    ['of few bytes', '', ['', ''], 'a'],
    ['that greets in few bytes', '>', ['', ''], '\u0000'],
  ])('is carried without the loss of a byte: one %s', async (_, greeting, lines, last) => {
    using server = await lineServer(greeting, false)
    const direct = await talk(server.port, greeting, lines, last)
    let relayed = ''
    const { calls, problems } = await recorded(protocol, server.port, async (port) => {
      relayed = await talk(port, greeting, lines, last)
    })
    expect(relayed).toBe(direct)
    expect(problems).toEqual([])
    const all = calls.map(({ request, response }) => [bytes(request), bytes(response)])
    expect(all.map(([, answer]) => answer).join(''), JSON.stringify(calls).slice(0, 300)).toBe(direct)
    expect(all.map(([asked]) => asked).join('')).toBe(lines.map((line) => `${line}\n`).join('') + last)
    expect(calls.every((call) => call.protocol === 'generic')).toBe(true)
  })
})

function bytes(value: unknown): string {
  return typeof value === 'string' ? value : value instanceof Uint8Array ? Buffer.from(value).toString() : ''
}
