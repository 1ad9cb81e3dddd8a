import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A port of this machine that nothing listens on right now. */
export async function freePort(): Promise<number> {
  const { port } = await tryListen(0)
  return port
}

/** Whether something listens on the port of the loopback address, or it may not be used. */
export async function portIsTaken(port: number): Promise<boolean> {
  return await tryListen(port).then(
    () => false,
    () => true,
  )
}

function tryListen(port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo
      server.close(() => resolve(address))
    })
  })
}
