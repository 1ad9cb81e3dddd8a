import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'

import type { CallContent } from '@keploy-framework/format'
import type { MockAnswer, MockRequest, MockServer, Protocol } from '@keploy-framework/wire'

/** A server that answers with recorded calls. */
export interface MockedServer extends AsyncDisposable {
  readonly port: number
  /** Requests that nothing recorded answered, as `describe` has them. */
  readonly misses: readonly string[]
  /** Recorded calls of tests that were not asked for. */
  unused(): readonly CallContent[]
}

/**
 * Serves calls by a strict lookup (equal keys, in order, each once; handshakes and pings again and again), after a trip
 * through their documents on disk; for codecs alone, without the matcher around them.
 */
export async function serveCalls(
  protocol: Protocol,
  recorded: readonly CallContent[],
  options: {
    readonly credentials?: { readonly username: string; readonly password: string }
    readonly keepTiming?: boolean
  } = {},
): Promise<MockedServer> {
  const byId = new Map<unknown, CallContent>()
  /** What the server said by itself, by the call after which it did. */
  const following = new Map<CallContent, CallContent[]>()
  const calls = recorded.flatMap((call: CallContent & { readonly id?: number; readonly after?: number }) => {
    const decoded = protocol.mocks.decode({ ...protocol.mocks.encode(call), lifetime: call.lifetime })
    if ('problem' in decoded) throw new Error(decoded.problem)
    const [first] = decoded.calls
    if (first !== undefined && call.id !== undefined) byId.set(call.id, first)
    const anchor = call.after === undefined ? undefined : byId.get(call.after)
    if (anchor !== undefined) following.set(anchor, [...(following.get(anchor) ?? []), ...decoded.calls])
    return decoded.calls
  })
  const used = new Set<CallContent>()
  const misses: string[] = []
  const sockets = new Set<net.Socket>()
  const deliverAfter = (call: CallContent, mock: MockServer): void => {
    for (const said of following.get(call) ?? []) {
      if (used.has(said) || said.response === undefined) continue
      used.add(said)
      mock.deliver(said.response)
      deliverAfter(said, mock)
    }
  }
  const find = (
    { operation, request }: MockRequest,
    mock: MockServer,
  ): MockAnswer | { type: 'miss'; message: string } => {
    const key = protocol.match.key(request)
    const found = calls.find(
      (call) =>
        call.operation === operation &&
        (call.lifetime !== 'test' || !used.has(call)) &&
        isDeepStrictEqual(protocol.match.key(call.request), key),
    )
    if (found === undefined) {
      const described = protocol.describe(request)
      return { type: 'miss', message: `nothing recorded answers ${described}` }
    }
    used.add(found)
    setImmediate(() => deliverAfter(found, mock))
    const { response, ended } = found
    return { type: 'answer', ...(response !== undefined && { response }), ...(ended !== undefined && { ended }) }
  }
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    const mock: MockServer = protocol.createMockServer({
      answer(request) {
        const answer = find(request, mock)
        if (
          answer.type === 'miss' &&
          request.lifetime === 'test' &&
          protocol.match.idle?.(request.request) === undefined
        ) {
          misses.push(protocol.describe(request.request))
        }
        return answer
      },
      send: (bytes) => void socket.write(bytes),
      close: (how) => void (how === 'reset' ? socket.resetAndDestroy() : socket.end()),
      schedule(delayMs, run) {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
      startTls: () => socket.destroy(new Error('this harness speaks no TLS')),
      address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      ...options,
      recorded: (operation) => calls.filter((call) => call.operation === operation),
    })
    socket.on('data', (chunk) => mock.push(chunk))
    socket.on('end', () => mock.end())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      mock.close()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    misses,
    unused: () => calls.filter((call) => call.lifetime === 'test' && call.request !== null && !used.has(call)),
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
