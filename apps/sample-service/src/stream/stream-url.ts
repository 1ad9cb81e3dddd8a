import { idSchema } from '../schemas/id.ts'

/** The session that a WebSocket request wants to follow, and the last event that the client has. */
export interface StreamTarget {
  /** Undefined for what is no id. */
  session_id: string | undefined
  last_event_id: string | undefined
}

/**
 * Reads the target of a request for a stream; undefined when it is for something else.
 *
 * @example
 * readStreamUrl('/v1/session/tea/stream') // { session_id: 'tea', last_event_id: undefined }
 */
export function readStreamUrl(target: string): StreamTarget | undefined {
  const [path = '', query = ''] = target.split('?', 2)
  const [, named] = /^\/v1\/session\/([^/]*)\/stream\/?$/.exec(path) ?? []
  if (named === undefined) return undefined
  return { session_id: idOf(named), last_event_id: new URLSearchParams(query).get('last_event_id') ?? undefined }
}

function idOf(encoded: string): string | undefined {
  try {
    return idSchema.safeParse(decodeURIComponent(encoded)).data
  } catch {
    return undefined
  }
}
