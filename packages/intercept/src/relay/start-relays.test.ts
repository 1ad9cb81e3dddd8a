import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

import { describe, expect, it } from 'vitest'

import { createLocalCertificate } from '../tls/local-certificate.ts'
import type { ConnectionHandler, Route } from './handler.ts'
import { startRelays } from './start-relays.ts'

const route = (port: number): Route => ({
  dependency: `generic 127.0.0.1:${port}`,
  protocol: 'auto',
  target: { host: '127.0.0.1', port },
  tls: { mode: 'off' },
  via: 'relay',
})

function relaysFor(handler: ConnectionHandler, problems: string[] = []) {
  return startRelays({
    handler,
    certificateFor: (host) => createLocalCertificate({ hosts: [host] }),
    onProblem: (_route, problem) => problems.push(problem),
  })
}

async function echoServer() {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

function recording() {
  const seen: string[] = []
  const handler: ConnectionHandler = {
    mode: 'record',
    observe: () => ({
      push: (from, chunk) => seen.push(`${from} ${Buffer.from(chunk).toString()}`),
      end: (from) => seen.push(`${from} end`),
      abort: (_at, reason) => seen.push(`abort ${reason ?? ''}`),
    }),
  }
  return { seen, handler }
}

async function exchange(port: number, text: string): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(text)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

describe('relays', () => {
  it('forward what goes by, and show it', async () => {
    const echo = await echoServer()
    const { seen, handler } = recording()
    await using relays = relaysFor(handler)
    const { port } = await relays.open(route(echo.port))
    expect(await relays.open(route(echo.port))).toMatchObject({ port })
    expect(await exchange(port, 'hello')).toBe('hello')
    echo.close()
    expect(seen.slice(0, 4)).toEqual(['client hello', 'client end', 'server hello', 'server end'])
    expect(relays.has('127.0.0.1', port)).toBe(true)
    expect(relays.has('127.0.0.1', echo.port)).toBe(false)
  })

  it('break off as the server that is not there would', async () => {
    const echo = await echoServer()
    echo.close()
    const { seen, handler } = recording()
    const problems: string[] = []
    await using relays = relaysFor(handler, problems)
    const { port } = await relays.open(route(echo.port))
    await expect(exchange(port, 'hello')).rejects.toThrow('ECONNRESET')
    expect(seen).toContain('abort ECONNREFUSED')
    expect(problems).toEqual(['could not connect: ECONNREFUSED'])
  })

  it('name an API of HTTP as itself, and tell what its requests name instead', async () => {
    const echo = await echoServer()
    const seen: string[] = []
    const routes: Route[] = []
    const handler: ConnectionHandler = {
      mode: 'record',
      observe: (to) => {
        routes.push(to)
        return {
          push: (from, chunk) => seen.push(`${from} ${Buffer.from(chunk).toString()}`),
          end: () => undefined,
          abort: () => undefined,
        }
      },
    }
    await using relays = relaysFor(handler)
    const { port } = await relays.open({ ...route(echo.port), protocol: 'http' })
    const request = (host: number): string => `GET / HTTP/1.1\r\nHost: 127.0.0.1:${host}\r\n\r\n`
    expect(await exchange(port, request(port))).toBe(request(echo.port))
    expect(routes[0]?.authority).toEqual({ relay: `127.0.0.1:${port}`, target: `127.0.0.1:${echo.port}` })
    // What the service sent is shown as it was.
    expect(seen[0]).toBe(`client ${request(port)}`)
    echo.close()
  })

  it('keep the order of what comes behind something that has to wait', async () => {
    const moved = '-MOVED 1 127.0.0.1:7001\r\n'
    const server = net.createServer((socket) => {
      socket.once('data', () => {
        socket.write(moved)
        // A chunk of its own: the relay that the one before needs is still being opened.
        setImmediate(() => socket.end('+A\r\n+B\r\n'))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { seen, handler } = recording()
    await using relays = relaysFor(handler)
    const { port } = await relays.open({ ...route((server.address() as AddressInfo).port), protocol: 'redis' })
    const command = '*2\r\n$3\r\nGET\r\n$1\r\na\r\n'
    const answer = await exchange(port, command.repeat(3))
    server.close()
    expect(answer).toMatch(/^-MOVED 1 127\.0\.0\.1:\d+\r\n\+A\r\n\+B\r\n$/)
    expect(answer).not.toContain(':7001')
    expect(seen.filter((one) => one.startsWith('server')).join('')).toContain(':7001')
  })

  it('answer without contacting anybody', async () => {
    await using relays = relaysFor({
      mode: 'replay',
      serve: (_route, client) => ({
        push(chunk) {
          client.send(Buffer.from(`mock ${Buffer.from(chunk).toString()}`))
          client.close('end')
        },
        end: () => undefined,
        close: () => undefined,
      }),
    })
    const { port } = await relays.open(route(1))
    expect(await exchange(port, 'hello')).toBe('mock hello')
  })

  it('carries every byte of much data both ways', async () => {
    const echo = await echoServer()
    const { handler } = recording()
    await using relays = relaysFor(handler)
    const { port } = await relays.open(route(echo.port))
    const text = 'x'.repeat(8 * 1024 * 1024)
    expect((await exchange(port, text)).length).toBe(text.length)
    echo.close()
  })
})
