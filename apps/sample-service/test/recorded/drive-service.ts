import type { Drive } from './drive.ts'

/** Health, documentation, tokens and the sessions API. */
export const driveService: Drive = async ({ send }) => {
  await send('the platform is healthy', 'GET', '/health')
  await send('the orchestrator is healthy', 'GET', '/api/health')
  await send('what the service is', 'GET', '/')
  await send('the description of all routes', 'GET', '/openapi.json')
  await send('the documentation', 'GET', '/docs')
  await send('a path that is not there', 'GET', '/v1/nothing')
  await send('a method that is not there', 'PUT', '/health')

  const { body: user } = await send('a token for whoever asks', 'POST', '/dev/token')
  await send('a token for a user of a tenant', 'POST', '/dev/token', {
    body: { id: 'zoe', tenant: 'clinic', role: 'client', expires_in: 60 },
  })
  await send('a token for a role that is not there', 'POST', '/dev/token', { body: { role: 'admin' } })
  await send('what a token is good for', 'GET', '/api/projects', { token: user.token })

  const sessions = '/api/v1/sessions'
  await send('no sessions yet', 'GET', sessions)
  const { body: adventure } = await send('create an adventure', 'POST', sessions, {
    body: { type: 'adventure', title: 'The Lost Temple', description: 'A thrilling quest' },
  })
  const { body: mystery } = await send('create a mystery', 'POST', sessions, {
    body: { type: 'mystery', title: 'Die stille Uhr 🕰', description: 'Ein Mord, "erzählt"' },
  })
  await send('read the adventure', 'GET', `${sessions}/${adventure.id}`)
  await send('read the mystery', 'GET', `${sessions}/${mystery.id}`)
  await send('list sessions newest first', 'GET', sessions)
  await send('list one session', 'GET', `${sessions}?limit=1`)
  await send('list too many sessions', 'GET', `${sessions}?limit=100000`)
  await send('delete the adventure', 'DELETE', `${sessions}/${adventure.id}`)
  await send('delete the adventure again', 'DELETE', `${sessions}/${adventure.id}`)
  await send('read the deleted adventure', 'GET', `${sessions}/${adventure.id}`)
  await send('read an unknown session', 'GET', `${sessions}/invalid`)
  await send('create a session of no type', 'POST', sessions, { body: { type: 'romance', title: '' } })
  await send('create a session of broken JSON', 'POST', sessions, { raw: '{"type": "adventure",' })
}
