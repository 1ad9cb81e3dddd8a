import type { FastifyInstance } from 'fastify'

import type { UpgradeTaker } from './upgrades.ts'

/**
 * The routes and WebSockets of one domain, for whichever HTTP server this process runs. Its server disposes it before it
 * closes, so that the work behind requests that are under way ends; disposing it twice does no harm.
 */
export interface HttpModule extends AsyncDisposable {
  register(app: FastifyInstance): Promise<void>
  readonly sockets: readonly UpgradeTaker[]
}
