import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import tls from 'node:tls'
import { promisify } from 'node:util'

import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'

import { serve } from '../../test/both-ways.ts'
import { createLocalCa } from '../ca/local-ca.ts'
import type { Address } from '../discover/setting.ts'
import type { ConnectionHandler, Route } from '../relay/handler.ts'
import { startProxy, type ProxyOptions } from './start-proxy.ts'

vi.setConfig({ testTimeout: 30_000 })

const ca = createLocalCa()

function recording() {
  const seen: { route: Route; client: string; server: string; reason?: string }[] = []
  const handler: ConnectionHandler = {
    mode: 'record',
    observe(route) {
      const one: (typeof seen)[number] = { route, client: '', server: '' }
      seen.push(one)
      return {
        push: (from, chunk) => {
          one[from] += Buffer.from(chunk).toString('latin1')
        },
        end: () => undefined,
        abort: (_at, reason) => {
          if (reason !== undefined) one.reason = reason
        },
      }
    },
  }
  return { seen, handler }
}

async function start(options: Partial<ProxyOptions> & Pick<ProxyOptions, 'handler'>) {
  const problems: string[] = []
  const proxy = await startProxy({
    certificateFor: ca.certificateFor,
    onProblem: (route, problem) => problems.push(`${route.dependency}: ${problem}`),
    ...options,
  })
  return { proxy, problems }
}

async function open({ host, port }: Address): Promise<Socket> {
  const socket = net.connect({ host, port, allowHalfOpen: true })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

async function connectTo(proxy: Address, target: string): Promise<Socket> {
  const socket = await open(proxy)
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toBe('HTTP/1.1 200 Connection Established\r\n\r\n')
  return socket
}

async function all(socket: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  await new Promise((resolve) => {
    socket.on('end', resolve).on('close', resolve).on('error', resolve)
  })
  return text
}

async function httpServer(name: string) {
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => response.end(`${name} ${request.method} ${request.url} ${request.headers.host} ${body}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function tlsServer(certificate = createLocalCa()) {
  const server = tls.createServer(certificate.certificateFor('localhost'), (socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => socket.end(`echo ${chunk.toString()}`))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, cert: certificate.cert, [Symbol.asyncDispose]: async () => void server.close() }
}

describe('requests in absolute form', () => {
  test('of one connection go each to its own server, with bodies of any framing', async () => {
    await using one = await httpServer('one')
    await using two = await httpServer('two')
    const { seen, handler } = recording()
    const { proxy } = await start({ handler })
    await using _ = proxy
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (port: number, method: string, body: string[], chunked: boolean): Promise<string> => {
      const request = http.request({
        ...proxy.address,
        agent,
        method,
        path: `http://127.0.0.1:${port}/x?y=1`,
        headers: {
          host: `127.0.0.1:${port}`,
          'proxy-connection': 'keep-alive',
          ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.join('').length }),
        },
      })
      for (const part of body) request.write(part)
      request.end()
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      return await all(response)
    }
    expect(await ask(one.port, 'GET', [], false)).toBe(`one GET /x?y=1 127.0.0.1:${one.port} `)
    expect(await ask(one.port, 'POST', ['a\r\n\r\nb', 'c'], true)).toBe(
      `one POST /x?y=1 127.0.0.1:${one.port} a\r\n\r\nbc`,
    )
    expect(await ask(two.port, 'POST', ['GET http://x/ HTTP/1.1\r\n\r\n'], false)).toContain('two POST')
    expect(await ask(one.port, 'PUT', ['z'.repeat(300_000)], true)).toHaveLength(
      300_000 + `one PUT /x?y=1 127.0.0.1:${one.port} `.length,
    )
    agent.destroy()
    expect(seen.map(({ route }) => route.dependency)).toEqual([
      `http 127.0.0.1:${one.port}`,
      `http 127.0.0.1:${two.port}`,
      `http 127.0.0.1:${one.port}`,
    ])
    expect(seen[0]?.client).toContain('POST /x?y=1 HTTP/1.1\r\n')
    expect(seen.some(({ client }) => /proxy-connection/i.test(client))).toBe(false)
  })

  test.each([
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'names no http: URL'],
    ['GET https://a/ HTTP/1.1\r\n\r\n', 'names no http: URL'],
    ['CONNECT nowhere HTTP/1.1\r\n\r\n', 'needs a host and a port'],
    ['\u0016\u0003\u0001 \r\n\r\n', 'no request of HTTP/1'],
    [`GET http://a/ HTTP/1.1\r\n${'X: y\r\n'.repeat(20_000)}`, 'too long'],
  ])('are refused when they are none: %#', async (bytes, words) => {
    const { proxy } = await start({ handler: recording().handler })
    await using _ = proxy
    const socket = await open(proxy.address)
    socket.write(bytes)
    const answer = await all(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain(words)
    socket.destroy()
  })

  test('the proxy does not call itself', async () => {
    const { proxy } = await start({ handler: recording().handler })
    await using _ = proxy
    const socket = await open(proxy.address)
    socket.write(`CONNECT localhost:${proxy.address.port} HTTP/1.1\r\n\r\n`)
    expect(await all(socket)).toContain('call itself')
    socket.destroy()
  })
})

describe('a tunnel', () => {
  test('with TLS is seen in plain text, also when its first message comes byte by byte', async () => {
    await using server = await tlsServer()
    const { seen, handler } = recording()
    const { proxy, problems } = await start({ handler, trusted: server.cert })
    await using _ = proxy
    const socket = await connectTo(proxy.address, `localhost:${server.port}`)
    const relay = net.createServer((inner) => {
      socket.pipe(inner)
      void (async () => {
        let count = 0
        for await (const chunk of inner as AsyncIterable<Buffer>) {
          for (const byte of chunk) {
            socket.write(Buffer.from([byte]))
            if (count++ < 600) await new Promise((resolve) => setImmediate(resolve))
          }
        }
        socket.end()
      })().catch(() => socket.destroy())
    })
    relay.listen(0, '127.0.0.1')
    await once(relay, 'listening')
    const client = tls.connect({
      port: (relay.address() as AddressInfo).port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: ca.cert,
    })
    client.write('hello')
    expect(await all(client)).toBe('echo hello')
    relay.close()
    expect(problems).toEqual([])
    expect(seen).toMatchObject([
      { client: 'hello', server: 'echo hello', route: { dependency: `https localhost:${server.port}` } },
    ])
  })

  test('of a client that is slow to begin TLS is seen in plain text', async () => {
    await using server = await tlsServer()
    const { seen, handler } = recording()
    const { proxy, problems } = await start({ handler, trusted: server.cert })
    await using _ = proxy
    const socket = await connectTo(proxy.address, `localhost:${server.port}`)
    // oxlint-disable-next-line @keploy-framework/no-sleep -- The client is slow; that is the test.
    await new Promise((resolve) => setTimeout(resolve, 600))
    const client = tls.connect({ socket, servername: 'localhost', ca: ca.cert })
    client.write('hello')
    expect(await all(client)).toBe('echo hello')
    expect(problems).toEqual([])
    expect(seen.filter((one) => one.client + one.server !== '')).toMatchObject([
      { client: 'hello', server: 'echo hello', route: { dependency: `https localhost:${server.port}` } },
    ])
  })

  test('of a client that is slow to begin TLS is answered in a replay', async () => {
    const handler: ConnectionHandler = {
      mode: 'replay',
      serve: (route, client) => ({
        push: () => {
          client.send(Buffer.from(`mock of ${route.dependency}`))
          client.close('end')
        },
        end: () => undefined,
        close: () => undefined,
      }),
    }
    const { proxy } = await start({ handler })
    await using _ = proxy
    const socket = await connectTo(proxy.address, 'api.example.com:443')
    // oxlint-disable-next-line @keploy-framework/no-sleep -- The client is slow; that is the test.
    await new Promise((resolve) => setTimeout(resolve, 600))
    const client = tls.connect({ socket, servername: 'api.example.com', ca: ca.cert })
    client.write('hello')
    expect(await all(client)).toBe('mock of https api.example.com')
  })

  test('of a silent client to a server that cannot be reached is reset', async () => {
    await using server = await tlsServer()
    const { port } = server
    await server[Symbol.asyncDispose]()
    const { handler } = recording()
    const { proxy, problems } = await start({ handler })
    await using _ = proxy
    const socket = await connectTo(proxy.address, `127.0.0.1:${port}`)
    expect(await all(socket)).toBe('')
    expect(problems).toEqual([`tcp 127.0.0.1:${port}: could not connect: ECONNREFUSED`])
  })

  test('of a server that speaks first is carried as it is', async () => {
    await using server = await serve((socket) => {
      socket.write('220 ready\r\n')
      socket.on('data', (chunk) => socket.end(chunk))
    })
    if (!('port' in server.target)) throw new Error('no port')
    const { seen, handler } = recording()
    const { proxy } = await start({ handler })
    await using _ = proxy
    const socket = await connectTo(proxy.address, `127.0.0.1:${server.target.port}`)
    const [greeting] = (await once(socket, 'data')) as [Buffer]
    expect(greeting.toString()).toBe('220 ready\r\n')
    socket.end('QUIT')
    expect(await all(socket)).toBe('QUIT')
    expect(seen).toMatchObject([
      { client: 'QUIT', server: '220 ready\r\nQUIT', route: { dependency: `tcp 127.0.0.1:${server.target.port}` } },
    ])
  })

  test('to a server whose certificate is not trusted ends, and says so', async () => {
    await using server = await tlsServer()
    const { seen, handler } = recording()
    const { proxy, problems } = await start({ handler })
    await using _ = proxy
    const client = tls.connect({
      socket: await connectTo(proxy.address, `localhost:${server.port}`),
      servername: 'localhost',
      ca: ca.cert,
    })
    expect(await all(client)).toBe('')
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/its certificate is not trusted: (UNABLE_TO|SELF_SIGNED)/)
    expect(seen[0]?.reason).toMatch(/UNABLE_TO|SELF_SIGNED/)
  })

  test('to nobody ends, and the reason is recorded', async () => {
    const { seen, handler } = recording()
    const { proxy, problems } = await start({ handler })
    await using _ = proxy
    const client = tls.connect({
      socket: await connectTo(proxy.address, 'none.invalid:443'),
      servername: 'none.invalid',
      ca: ca.cert,
    })
    expect(await all(client)).toBe('')
    expect(problems).toEqual([expect.stringMatching(/^https none\.invalid: could not connect: (ENOTFOUND|EAI_AGAIN)$/)])
    expect(seen[0]?.reason).toMatch(/ENOTFOUND|EAI_AGAIN/)
  })

  test('of a client that refuses our certificate by an alert is told, and passed through from then on', async () => {
    await using server = await tlsServer()
    const { seen, handler } = recording()
    const { proxy, problems } = await start({ handler, trusted: server.cert })
    await using _ = proxy
    const target = `localhost:${server.port}`
    const url = `https://${target}/`
    const env = { ...process.env, HTTPS_PROXY: `http://127.0.0.1:${proxy.address.port}`, NO_PROXY: '', no_proxy: '' }
    const refused = await promisify(execFile)('curl', ['-sS', url], { env }).catch((error: { stderr: string }) => error)
    expect(refused.stderr).toMatch(/certificate/)
    await vi.waitFor(() => expect(proxy.passedThrough).toEqual([target]))
    expect(problems).toEqual([expect.stringContaining('does not take the certificate of this run (unknown ca)')])
    const second = tls.connect({
      socket: await connectTo(proxy.address, target),
      servername: 'localhost',
      ca: server.cert,
    })
    second.write('hello')
    expect(await all(second)).toBe('echo hello')
    expect(seen).toEqual([])
  })

  test('of a client that goes away in silence twice, as Node does, is taken for a refusal', async () => {
    await using server = await tlsServer()
    const { proxy, problems } = await start({ handler: recording().handler, trusted: server.cert })
    await using _ = proxy
    const target = `localhost:${server.port}`
    const attempt = async (): Promise<void> => {
      const client = tls.connect({
        socket: await connectTo(proxy.address, target),
        servername: 'localhost',
        ca: server.cert,
      })
      expect(await all(client)).toBe('')
    }
    await attempt()
    await vi.waitFor(() => expect(proxy.connections).toBe(0))
    expect(proxy.passedThrough).toEqual([])
    await attempt()
    await vi.waitFor(() => expect(proxy.passedThrough).toEqual([target]))
    expect(problems).toEqual([expect.stringContaining('connections end in silence')])
  })

  test('to a bypassed address is not looked at', async () => {
    await using server = await tlsServer()
    const { seen, handler } = recording()
    const { proxy } = await start({ handler, bypass: (host, port) => host === 'localhost' && port === server.port })
    await using _ = proxy
    const client = tls.connect({
      socket: await connectTo(proxy.address, `localhost:${server.port}`),
      servername: 'localhost',
      ca: server.cert,
    })
    client.write('hello')
    expect(await all(client)).toBe('echo hello')
    expect(seen).toEqual([])
  })

  test('in a replay agrees to the protocol that was recorded', async () => {
    const handler: ConnectionHandler = {
      mode: 'replay',
      serve: (_route, client) => ({ push: () => client.close('end'), end: () => undefined, close: () => undefined }),
    }
    const { proxy } = await start({
      handler,
      agreed: (dependency) => (dependency === 'https grpc.invalid' ? 'h2' : undefined),
    })
    await using _ = proxy
    const agreed = async (name: string): Promise<unknown> => {
      const client = tls.connect({
        socket: await connectTo(proxy.address, `${name}:443`),
        servername: name,
        ca: ca.cert,
        ALPNProtocols: ['h2', 'http/1.1'],
      })
      await once(client, 'secureConnect')
      client.write('x')
      await all(client)
      return client.alpnProtocol
    }
    expect(await agreed('grpc.invalid')).toBe('h2')
    expect(await agreed('api.invalid')).toBe('http/1.1')
  })
})

test('whatever is sent, the proxy goes on', async () => {
  const { proxy } = await start({
    handler: { mode: 'replay', serve: () => ({ push: () => undefined, end: () => undefined, close: () => undefined }) },
  })
  await using _ = proxy
  const heads = fc.constantFrom(
    '',
    'CONNECT a.invalid:443 HTTP/1.1\r\n\r\n',
    'POST http://a.invalid/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  )
  await fc.assert(
    fc.asyncProperty(heads, fc.uint8Array({ maxLength: 200 }), async (head, bytes) => {
      const socket = await open(proxy.address)
      socket.write(head)
      socket.end(bytes)
      await new Promise((resolve) => setTimeout(resolve, 1))
      socket.destroy()
    }),
    { numRuns: 300 },
  )
  const socket = await open(proxy.address)
  socket.write('nonsense\r\n\r\n')
  expect(await all(socket)).toContain('400')
  socket.destroy()
  await vi.waitFor(() => expect(proxy.connections).toBe(0))
})
