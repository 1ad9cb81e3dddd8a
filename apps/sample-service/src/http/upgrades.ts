import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'

import { HttpError } from './http-error.ts'

/** One kind of WebSockets. */
export interface UpgradeTaker {
  /** Whether it serves this target: path and query. */
  takes(target: string): boolean
  /**
   * Answers the handshake.
   *
   * @throws HttpError when it refuses
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
}

/** Gives each WebSocket request of a server to the first that takes it; what nobody takes is a 404. */
export function routeUpgrades(
  server: Server,
  takers: readonly UpgradeTaker[],
  onProblem: (problem: string, error: unknown) => void,
): void {
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    // Unheard, the error of a client that goes away would end the process.
    socket.on('error', () => socket.destroy())
    const taker = takers.find((candidate) => candidate.takes(request.url ?? ''))
    if (!taker) return refuseUpgrade(socket, new HttpError(404, 'Not Found'))
    taker.upgrade(request, socket, head).catch((error: unknown) => {
      if (error instanceof HttpError) return refuseUpgrade(socket, error)
      onProblem('a WebSocket could not be opened', error)
      refuseUpgrade(socket, new HttpError(503, 'The database does not answer'))
    })
  })
}

function refuseUpgrade(socket: Duplex, error: HttpError): void {
  const { message, statusCode } = error
  const body = JSON.stringify({ detail: message })
  const challenge = statusCode === 401 ? 'www-authenticate: Bearer\r\n' : ''
  const wait = 'retryAfterSeconds' in error ? `retry-after: ${String(error.retryAfterSeconds)}\r\n` : ''
  socket.end(
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${challenge}${wait}connection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
