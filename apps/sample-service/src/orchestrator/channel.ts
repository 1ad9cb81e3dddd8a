/** Which tasks a client follows: all of its user, or those of one project. */
export interface Channel {
  project_id: string | undefined
}

/**
 * The channel that a WebSocket request names; undefined for one that there is not.
 *
 * @example
 * parseChannel('/ws?channel=project:p1') // { project_id: 'p1' }
 */
export function parseChannel(target: string): Channel | undefined {
  const [, query = ''] = target.split('?', 2)
  const name = new URLSearchParams(query).get('channel') ?? 'global'
  if (name === 'global') return { project_id: undefined }
  const [, project_id] = /^project:([\w.:-]{1,100})$/.exec(name) ?? []
  return project_id === undefined ? undefined : { project_id }
}
