import type { MockServerOptions } from '../../protocol/mock-server.ts'
import type { ApiSchema } from '../schemas/schema.ts'
import type { Tree } from '../struct.ts'
import type { ReplayState } from './replay-state.ts'

/** A request that the mock server can read. */
export interface LiveRequest {
  readonly schema: ApiSchema
  readonly version: number
  readonly clientId: string | null
  readonly body: Tree
}

/** What answers of one connection are made from. */
export interface ServerContext {
  readonly options: MockServerOptions
  readonly state: ReplayState
  /** Tells connections apart. */
  readonly connection: object
}

/** Answers one request, now or later; nothing for requests that have no answer. */
export type Handler = (context: ServerContext, request: LiveRequest, reply: (body: Tree | undefined) => void) => void
