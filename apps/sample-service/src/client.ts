/** One request of the drive, and what came back. */
export interface DrivenRequest {
  name: string
  method: string
  path: string
  status: number
}

/**
 * Sends the nine requests that a client of this API makes, in order, and returns what the service answered.
 * It reads ids from answers, as a client does; it judges nothing.
 *
 * @param baseUrl where the service listens, without a slash at the end
 * @throws TypeError when the service cannot be reached, or when it creates a session without an id
 * @example
 * const answers = await driveNineRequests('http://127.0.0.1:8000')
 */
export async function driveNineRequests(baseUrl: string): Promise<DrivenRequest[]> {
  const driven: DrivenRequest[] = []
  const send = async (name: string, method: string, path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    driven.push({ name, method, path, status: response.status })
    return text
  }

  await send('Health check', 'GET', '/health')
  await send('Service information', 'GET', '/')
  const adventure = await send('Create an adventure session', 'POST', '/api/v1/sessions', {
    type: 'adventure',
    title: 'The Lost Temple',
    description: 'A thrilling adventure quest',
  })
  await send('Create a mystery session', 'POST', '/api/v1/sessions', {
    type: 'mystery',
    title: 'The Silent Clockmaker',
    description: 'A murder in a town where every clock stopped',
  })
  const path = `/api/v1/sessions/${idOf(adventure)}`
  await send('Read a session', 'GET', path)
  await send('List sessions', 'GET', '/api/v1/sessions')
  await send('Delete a session', 'DELETE', path)
  await send('Read an unknown session', 'GET', '/api/v1/sessions/invalid')
  await send('Create an invalid session', 'POST', '/api/v1/sessions', { type: 'romance', title: '' })
  return driven
}

function idOf(created: string): string {
  const session: unknown = JSON.parse(created)
  if (typeof session === 'object' && session !== null && 'id' in session && typeof session.id === 'string') {
    return session.id
  }
  throw new TypeError(`The service created a session without an id: ${created.slice(0, 200)}`)
}
