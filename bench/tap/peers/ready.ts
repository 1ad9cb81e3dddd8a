import type { AddressInfo, Server } from 'node:net'

/** Where the origin of this benchmark listens. */
export function originPort(): number {
  return Number(process.argv[2])
}

/** Tells the parent the port. */
export function tellPort(port: number): void {
  process.send?.({ port })
}

/** Listens on a free port and tells the parent which. */
export function ready(server: Server): void {
  server.listen(0, '127.0.0.1', () => tellPort((server.address() as AddressInfo).port))
}
