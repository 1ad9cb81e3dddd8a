import type { AddressInfo } from 'node:net'

import type { FastifyInstance } from 'fastify'

/** Lets clients in. Resolves with the URL; port 0 takes a free one. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  await app.listen({ host, port })
  const { address, family, port: taken } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`
}
