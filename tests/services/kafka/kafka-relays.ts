import { isDeepStrictEqual } from 'node:util'

import type { CallContent } from '@keploy-framework/format'
import { startRelays, type ConnectionHandler, type Route } from '@keploy-framework/intercept'
import {
  findProtocol,
  type CallEvent,
  type MockServerOptions,
  type Protocol,
  type ReadCall,
} from '@keploy-framework/wire'

const kafka = findProtocol('kafka') as Protocol

function routeTo(broker: string): Route {
  const [host = '', port = ''] = broker.split(':')
  return {
    dependency: `kafka ${broker}`,
    protocol: 'kafka',
    target: { host, port: Number(port) },
    tls: { mode: 'off' },
    via: 'relay',
  }
}

function relays(handler: ConnectionHandler, problems: string[]) {
  return startRelays({
    handler,
    certificateFor: () => {
      throw new Error('no TLS here')
    },
    onProblem: (_route, problem) => problems.push(problem),
  })
}

/** Relays in front of a broker, with the addresses in its answers rewritten. */
export async function recordKafka(broker: string) {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  const problems: string[] = []
  let ids = 0
  let connections = 0
  const opened = relays(
    {
      mode: 'record',
      observe() {
        const reader = kafka.createReader({ connection: ++connections, nextId: () => ++ids }, (event: CallEvent) => {
          if (event.type === 'call') calls.push(event.call)
          else if (event.type === 'gap') gaps.push(`${event.from}: ${event.reason}`)
        })
        return {
          push: (from, chunk, at) => reader.push(from, chunk, at),
          end: (from, at) => reader.end(from, at),
          abort: (at) => reader.abort(at),
        }
      },
    },
    problems,
  )
  const { port } = await opened.open(routeTo(broker))
  return {
    broker: `127.0.0.1:${port}`,
    calls,
    gaps,
    problems,
    connections: () => connections,
    [Symbol.asyncDispose]: () => opened.close(),
  }
}

/** The mock server in the place of a broker, with a strict lookup: equal keys, in order, each once. */
export async function replayKafka(
  recorded: readonly CallContent[],
  options: Pick<MockServerOptions, 'credentials'> = {},
) {
  const calls = recorded.flatMap((call) => {
    const decoded = kafka.mocks.decode({ ...kafka.mocks.encode(call), lifetime: call.lifetime })
    if ('problem' in decoded) throw new Error(decoded.problem)
    return decoded.calls
  })
  const used = new Set<CallContent>()
  const misses: string[] = []
  const problems: string[] = []
  const shared = new Map<string, unknown>()
  const opened = relays(
    {
      mode: 'replay',
      serve: (_route, client) =>
        kafka.createMockServer({
          ...options,
          shared,
          answer({ operation, request }) {
            const key = kafka.match.key(request)
            const found = calls.find(
              (call) =>
                call.operation === operation &&
                !used.has(call) &&
                isDeepStrictEqual(kafka.match.key(call.request), key),
            )
            if (found === undefined) {
              if (kafka.match.idle?.(request) === undefined) misses.push(kafka.describe(request))
              return { type: 'miss', message: `nothing recorded answers ${kafka.describe(request)}` }
            }
            used.add(found)
            return { type: 'answer', ...(found.response !== undefined && { response: found.response }) }
          },
          send: (bytes) => client.send(bytes),
          close: (how) => client.close(how),
          schedule(delayMs, run) {
            const timer = setTimeout(run, delayMs)
            return () => clearTimeout(timer)
          },
          startTls: () => client.startTls(),
          address: client.address,
          recorded: (operation) => calls.filter((call) => call.operation === operation),
        }),
    },
    problems,
  )
  const { port } = await opened.open(routeTo('127.0.0.1:1'))
  return {
    broker: `127.0.0.1:${port}`,
    misses,
    unused: () =>
      calls.filter((call) => call.lifetime === 'test' && !used.has(call)).map(({ request }) => kafka.describe(request)),
    [Symbol.asyncDispose]: () => opened.close(),
  }
}
