import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { reasonOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'

/** A server that listens on a free port of the loopback interface. */
export interface Listening {
  readonly port: number
  /** Ends at once, whatever is still open: answers that stall end with a reset. */
  close(): Promise<void>
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * Listens on 127.0.0.1. What a handler throws is the client's answer 500, never an unhandled rejection.
 *
 * @throws {LlmError} `KEPLOY_LLM_LISTEN` when no port can be had
 */
export async function listen(handler: Handler, port = 0): Promise<Listening> {
  const sockets = new Set<Socket>()
  // Tests hold requests open on purpose, so that Node's own time limits must not end them.
  const server = createServer(
    { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 5_000 },
    (request, response) => {
      handler(request, response).catch((error: unknown) => answerFailure(response, error))
    },
  )
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new LlmError('KEPLOY_LLM_LISTEN', `No port of 127.0.0.1 can be listened on: ${reasonOf(error)}.`, {
          cause: error,
        }),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function answerFailure(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return
  if (response.headersSent) {
    response.destroy()
    return
  }
  const message = `The test server failed to answer: ${reasonOf(error)}`
  response.writeHead(500, { 'content-type': 'application/json', 'x-should-retry': 'false' })
  response.end(
    JSON.stringify({ error: { message, type: 'test_server_error', param: null, code: 'KEPLOY_LLM_ANSWER' } }),
  )
}
