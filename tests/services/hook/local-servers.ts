import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'

import grpc from '@grpc/grpc-js'
import { createLocalCertificate } from '@keploy-framework/intercept'

const large = 'x'.repeat(300_000)

/** HTTP, HTTPS, HTTP/2 and gRPC servers, and the environment that drivers find them by. */
export async function startLocalServers(): Promise<{ env: Record<string, string>; close: () => void }> {
  const { key, cert } = createLocalCertificate()
  const answer = (path: string | undefined): string => (path === '/large' ? large : `answer to ${path}`)
  const web: http.RequestListener = (request, response) => {
    request.resume().on('end', () => response.end(answer(request.url)))
  }
  const streams = (server: http2.Http2Server): http2.Http2Server =>
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200 })
      stream.end(answer(headers[':path']))
    })
  const servers: (net.Server | http2.Http2Server)[] = []
  const sockets = new Set<net.Socket>()
  const listen = async (server: net.Server | http2.Http2Server): Promise<number> => {
    servers.push(server)
    server.on('connection', (socket: net.Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const rpc = async (credentials: grpc.ServerCredentials): Promise<[grpc.Server, number]> => {
    const server = new grpc.Server()
    const same = (bytes: Buffer): Buffer => bytes
    const say = {
      path: '/echo.Echo/Say',
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    }
    server.addService(
      { Say: say },
      { Say: (call: { request: Buffer }, done: (error: null, value: Buffer) => void) => done(null, call.request) },
    )
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error))),
    )
    return [server, port]
  }
  const [plain, plainPort] = await rpc(grpc.ServerCredentials.createInsecure())
  const [secure, securePort] = await rpc(
    grpc.ServerCredentials.createSsl(null, [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }]),
  )
  const env = {
    HTTP_URL: `http://127.0.0.1:${await listen(http.createServer(web))}`,
    HTTPS_URL: `https://127.0.0.1:${await listen(https.createServer({ key, cert }, web))}`,
    H2_URL: `http://127.0.0.1:${await listen(streams(http2.createServer()))}`,
    H2_TLS_URL: `https://127.0.0.1:${await listen(streams(http2.createSecureServer({ key, cert })))}`,
    GRPC_TARGET: `127.0.0.1:${plainPort}`,
    GRPC_TLS_TARGET: `localhost:${securePort}`,
    TLS_CERT: cert,
  }
  return {
    env,
    close() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
      plain.forceShutdown()
      secure.forceShutdown()
    },
  }
}

/** Ends TLS in front of a Postgres server that speaks none. */
export async function startPostgresTls(target: number): Promise<{ port: number; close: () => void }> {
  const { key, cert } = createLocalCertificate()
  const context = tls.createSecureContext({ key, cert })
  const server = net.createServer((socket) => {
    socket.once('data', () => {
      socket.write('S')
      const secure = new tls.TLSSocket(socket, { isServer: true, secureContext: context })
      const upstream = net.connect(target, '127.0.0.1')
      secure.pipe(upstream).pipe(secure)
      for (const side of [secure, upstream]) side.on('error', () => side.destroy())
      secure.on('close', () => upstream.destroy())
    })
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}
