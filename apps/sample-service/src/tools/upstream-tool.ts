import { z } from 'zod'

import type { WantedUiAction } from '../ui-state/ui-action.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import type { Upstream, UpstreamRequest } from '../upstream/upstream.ts'
import { defineTool, type Tool } from './tool.ts'

/** An id as the upstream gives them. */
export const upstreamId = z.string().regex(/^[\w:-]{1,100}$/, 'Not an id: letters, digits and : - _, at most 100')
/** Text that people wrote. */
export const text = z.string().min(1).max(20_000)
export const date = z.iso.date().describe('YYYY-MM-DD')
export const limit = z.number().int().min(1).max(100).optional().describe('How many at most. Default 20.')

/** A tool that is one request to the upstream. */
export interface UpstreamToolSpec<Args extends z.ZodType> {
  name: string
  description: string
  args: Args
  request: (args: z.output<Args>) => UpstreamRequest
  /** What the user interface is to do with what the upstream answered. */
  uiActions?: (args: z.output<Args>, payload: unknown) => WantedUiAction[]
}

/** Makes a tool once there is an upstream. */
export type ToolFactory = (upstream: Upstream) => Tool

/**
 * Declares a tool that is one request to the upstream, made as the user of the session.
 *
 * @example
 * upstreamTool({
 *   name: 'get_client',
 *   description: 'Reads one client.',
 *   args: z.object({ client_id: upstreamId }),
 *   request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}` }),
 * })
 */
export function upstreamTool<Args extends z.ZodType>(spec: UpstreamToolSpec<Args>): ToolFactory {
  const { name, description, args, request, uiActions } = spec
  return (upstream) =>
    defineTool({
      name,
      description,
      args,
      run: async (given, { caller, event_id }) => {
        if (!caller) throw new UpstreamError('UPSTREAM_UNAUTHORIZED', 'Nobody is signed in.')
        return upstream.send(request(given), { caller, idempotencyKey: event_id })
      },
      uiActions,
    })
}
