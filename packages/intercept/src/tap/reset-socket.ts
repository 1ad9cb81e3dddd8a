import type { Socket } from 'node:net'

/**
 * Ends a connection with RST. On a Unix socket, and under TLS, breaking off is the nearest thing. A connection whose FIN
 * is just being sent is closed: libuv refuses to reset it (`uv_tcp_close_reset` documents `UV_EINVAL` while a shutdown is
 * pending), and Node then never frees the socket.
 */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return
  const onlyTcpKnowsResets = socket.remoteFamily === undefined || 'encrypted' in socket
  const endingNow = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
  if (onlyTcpKnowsResets || endingNow) socket.destroy()
  else socket.resetAndDestroy()
}
