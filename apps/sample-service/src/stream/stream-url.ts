/** The session that a WebSocket request wants to follow, and the last event that the client has. */
export function readStreamUrl(target: string): { session_id: string; last_event_id: string | undefined } | undefined {
  const [path = '', query = ''] = target.split('?', 2)
  const [, session_id] = /^\/v1\/session\/([\w.:-]{1,100})\/stream\/?$/.exec(path) ?? []
  if (session_id === undefined) return undefined
  return { session_id, last_event_id: new URLSearchParams(query).get('last_event_id') ?? undefined }
}
