import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

import { DEFAULT_HOST } from './defaults.ts'

/** Below what systems give to outgoing connections (32768 on Linux, 49152 elsewhere), and above most well-known ports. */
const FIRST = 18_000
const END = 30_000
const ATTEMPTS = 50

/**
 * A port of an address that nothing listens on. Another process may still take it before it is used; no outgoing
 * connection does, which on a busy machine happens to ports that the system chooses.
 *
 * @throws {Error} of the system, when none of fifty ports can be listened on
 * @example
 * const port = await freePort()
 */
export async function freePort(host: string = DEFAULT_HOST): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = randomInt(FIRST, END)
    const server = createServer().listen({ port, host, exclusive: true })
    try {
      await once(server, 'listening')
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}
