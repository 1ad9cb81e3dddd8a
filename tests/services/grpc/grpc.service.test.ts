/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: gRPC, unary and streamed
 * Impact: a suite that runs in seconds, anywhere
 */
import {
  credentials,
  makeGenericClientConstructor,
  Metadata,
  Server,
  ServerCredentials,
  status,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js'
import { decodeProtoscope, encodeProtoscope, grpcProtocol } from '@keploy-framework/wire'
import { describe, expect, it } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'

const serialize = (text: string): Buffer => encodeProtoscope(text) ?? Buffer.alloc(0)
const deserialize = (bytes: Buffer): string =>
  bytes.length === 0 ? '# nothing' : (decodeProtoscope(bytes) ?? 'unreadable')

function method(name: string, requestStream: boolean, responseStream: boolean): ServiceDefinition[string] {
  return {
    path: `/demo.Talk/${name}`,
    requestStream,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  }
}

const talk: ServiceDefinition = {
  Say: method('Say', false, false),
  Fail: method('Fail', false, false),
  Slow: method('Slow', false, false),
  List: method('List', false, true),
  Sum: method('Sum', true, false),
  Chat: method('Chat', true, true),
}

type Client = InstanceType<ReturnType<typeof makeGenericClientConstructor>> &
  Record<string, (...args: never[]) => unknown>

async function startServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = new Server()
  server.addService(talk, {
    Say(call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) {
      const head = new Metadata()
      head.set('x-served-by', 'one')
      head.set('blob-bin', Buffer.from([1, 255]))
      call.sendMetadata(head)
      const trailers = new Metadata()
      trailers.set('x-cost', '3')
      done(null, `1: {"hello ${String(call.metadata.get('x-tenant')[0])}"}\n2: ${call.request.length}\n`, trailers)
    },
    Fail(_call: unknown, done: sendUnaryData<string>) {
      done({ code: status.FAILED_PRECONDITION, details: 'not yet: 50% – später' })
    },
    Slow() {
      // Never answers: the deadline of the client ends the call.
    },
    List(call: ServerWritableStream<string, string>) {
      for (let index = 1; index <= 3; index += 1) call.write(`1: ${index}\n`)
      call.end()
    },
    Sum(call: ServerReadableStream<string, string>, done: sendUnaryData<string>) {
      let count = 0
      call.on('data', () => (count += 1))
      call.on('end', () => done(null, `1: ${count}\n`))
    },
    Chat(call: ServerDuplexStream<string, string>) {
      call.on('data', (text: string) => call.write(`2: {\n  ${text}}\n`))
      call.on('end', () => call.end())
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.forceShutdown()
    },
  }
}

function connect(port: number, gzip: boolean): Client {
  const Talk = makeGenericClientConstructor(talk, 'Talk')
  const options = gzip ? { 'grpc.default_compression_algorithm': 2 } : {}
  return new Talk(`127.0.0.1:${port}`, credentials.createInsecure(), options) as Client
}

interface Stream {
  on(event: string, listener: (value: never) => void): void
  write(text: string): void
  end(): void
}

async function unary(client: Client, name: string, text: string, deadlineMs = 5000): Promise<unknown> {
  const metadata = new Metadata()
  metadata.set('x-tenant', 'acme')
  metadata.set('authorization', 'Bearer topsecret')
  return await new Promise((resolve) => {
    const seen: Record<string, unknown> = {}
    const call = (client[name] as unknown as (...args: unknown[]) => Stream).call(
      client,
      text,
      metadata,
      { deadline: Date.now() + deadlineMs },
      (error: ServiceError | null, value?: string) => {
        seen['result'] = error === null ? value : { code: error.code, details: error.details }
      },
    )
    call.on('metadata', (head: Metadata) => (seen['head'] = plain(head)))
    call.on('status', (end: { code: status; details: string; metadata: Metadata }) => {
      seen['end'] = end.code === status.DEADLINE_EXCEEDED ? end.code : [end.code, end.details, plain(end.metadata)]
      setImmediate(() => resolve(name === 'Slow' ? end.code : seen))
    })
  })
}

function plain(metadata: Metadata): unknown {
  const { date: _, ...rest } = metadata.getMap()
  return rest
}

async function stream(client: Client, name: string, sends: readonly string[], turns: boolean): Promise<string[]> {
  return await new Promise((resolve) => {
    const heard: string[] = []
    const open = client[name] as unknown as (...args: unknown[]) => Stream
    const single = (error: ServiceError | null, value?: string): void => {
      resolve([...heard, error === null ? (value ?? '') : `error ${error.code}`])
    }
    const call =
      name === 'Sum' ? open.call(client, single) : name === 'List' ? open.call(client, sends[0]) : open.call(client)
    if (name !== 'Sum') {
      call.on('data', (text: string) => {
        heard.push(text)
        // One at a time: the next question goes out when the last one was answered.
        const next = turns ? sends[heard.length] : undefined
        if (next !== undefined) call.write(next)
        else if (turns) call.end()
      })
      call.on('error', (error: ServiceError) => resolve([...heard, `error ${error.code}`]))
      call.on('end', () => resolve(heard))
    }
    if (name === 'List') return
    for (const text of turns ? sends.slice(0, 1) : sends) call.write(text)
    if (!turns) call.end()
  })
}

async function everything(port: number, gzip = false): Promise<unknown[]> {
  const client = connect(port, gzip)
  try {
    return [
      await unary(client, 'Say', '1: 42\n2: {"Ann"}\n'),
      await unary(client, 'Say', ''),
      await unary(client, 'Fail', '1: 1\n'),
      await unary(client, 'Slow', '1: 1\n', 300),
      await stream(client, 'List', ['1: 3\n'], false),
      await stream(client, 'Sum', ['1: 1\n', '1: 2\n', '1: 3\n'], false),
      await stream(client, 'Chat', ['1: 1\n', '1: {"two"}\n', '1: 3\n'], true),
      await stream(client, 'Chat', ['1: 7\n', '1: 8\n'], false),
      await Promise.all([1, 2, 3, 4, 5].map(async (index) => await unary(client, 'Say', `1: ${index}\n`))),
    ]
  } finally {
    client.close()
  }
}

describe('gRPC as a dependency', () => {
  for (const gzip of [false, true]) {
    it(`gives grpc-js the same from mocks as from the server${gzip ? ', with gzip' : ''}`, async () => {
      await using server = await startServer()
      await using recording = await recordThrough(grpcProtocol, server)
      const live = await everything(recording.port, gzip)
      expect(recording.gaps).toEqual([])
      expect(JSON.stringify(recording.calls)).not.toContain('topsecret')
      expect(recording.calls.map(({ operation }) => operation)).toContain('demo.Talk/Chat')
      await server[Symbol.asyncDispose]()
      await using mocked = await serveCalls(grpcProtocol, recording.calls)
      expect(await everything(mocked.port, gzip)).toEqual(live)
      expect(mocked.misses).toEqual([])
      expect(mocked.unused()).toEqual([])
    })
  }

  it('answers what was never recorded with NOT_FOUND, and goes on', async () => {
    await using server = await startServer()
    await using recording = await recordThrough(grpcProtocol, server)
    const first = connect(recording.port, false)
    const live = await unary(first, 'Say', '1: 1\n')
    first.close()
    await using mocked = await serveCalls(grpcProtocol, recording.calls)
    const client = connect(mocked.port, false)
    const missed = await unary(client, 'Say', '1: 2\n')
    expect(missed).toMatchObject({
      result: { code: status.NOT_FOUND, details: expect.stringContaining('keploy') as string },
    })
    expect(await stream(client, 'Chat', ['1: 1\n'], true)).toEqual([`error ${status.NOT_FOUND}`])
    expect(await unary(client, 'Say', '1: 1\n')).toEqual(live)
    client.close()
  })

  it('ends a stream whose client says something else than was recorded', async () => {
    await using server = await startServer()
    await using recording = await recordThrough(grpcProtocol, server)
    const first = connect(recording.port, false)
    await stream(first, 'Chat', ['1: 1\n', '1: 2\n'], true)
    first.close()
    await using mocked = await serveCalls(grpcProtocol, recording.calls)
    const client = connect(mocked.port, false)
    expect(await stream(client, 'Chat', ['1: 1\n', '1: 5\n'], true)).toEqual([
      '2: {\n  1: 1\n}\n',
      `error ${status.NOT_FOUND}`,
    ])
    client.close()
  })
})
