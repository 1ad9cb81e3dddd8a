import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export { freePort } from '@keploy-framework/intercept'

export interface Listening extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly server: Server | TcpServer
}

/** A real HTTP server on a free port. */
export async function listen(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler)
  return started(server)
}

/** A real TCP server on a free port. */
export async function listenTcp(handler: (socket: Socket) => void): Promise<Listening> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    handler(socket)
  })
  return started(server)
}

/** A folder that goes away with its test. */
export async function tempFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'keploy-runner-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A command that runs code in a Node process of its own. */
export function nodeCommand(code: string): string[] {
  return [process.execPath, '-e', code]
}

async function started(server: Server | TcpServer): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const port = await opened(server)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function opened(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
