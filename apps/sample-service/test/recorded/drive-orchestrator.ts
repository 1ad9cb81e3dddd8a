import type { Drive } from './drive.ts'

/** Projects, tasks and metrics of several users. */
export const driveOrchestrator: Drive = async ({ send, tokenFor }, { settled }) => {
  const ada = await tokenFor({ id: 'ada', tenant: 'clinic', role: 'practitioner' })
  const eve = await tokenFor({ id: 'eve', tenant: 'rival' })
  const execute = '/api/orchestration/execute'

  await send('no projects yet', 'GET', '/api/projects', { token: ada })
  const { body: audit } = await send('create a project', 'POST', '/api/projects', {
    token: ada,
    body: { name: 'Audit', description: 'Before the release' },
  })
  const { body: idle } = await send('create another project', 'POST', '/api/projects', {
    token: ada,
    body: { name: 'Übung' },
  })
  await send('create a project without a name', 'POST', '/api/projects', { token: ada, body: { description: 'none' } })
  const project = `/api/projects/${audit.project_id}`
  await send('read the project', 'GET', project, { token: ada })
  await send('list projects newest first', 'GET', '/api/projects', { token: ada })
  const { body: page } = await send('list one project', 'GET', '/api/projects?limit=1', { token: ada })
  await send('list the project before', 'GET', `/api/projects?limit=1&before=${page.next}`, { token: ada })
  await send('projects with a bad cursor', 'GET', '/api/projects?before=nowhere', { token: ada })
  await send('eve sees no projects of ada', 'GET', '/api/projects', { token: eve })
  await send('eve reads a project of ada', 'GET', project, { token: eve })
  await send('eve deletes a project of ada', 'DELETE', project, { token: eve })

  const { body: security } = await send('a task for security', 'POST', execute, {
    token: ada,
    body: { type: 'security', prompt: 'Check the login form', project_id: audit.project_id },
  })
  await send('a simple task', 'POST', execute, {
    token: ada,
    body: { type: 'simple', prompt: 'Sort these three words' },
  })
  await send('a task that is refused', 'POST', execute, {
    token: ada,
    body: { type: 'general', prompt: 'Refuse this' },
  })
  await send('a task of no type', 'POST', execute, { token: ada, body: { type: 'magic', prompt: '' } })
  await send('a task for no project', 'POST', execute, {
    token: ada,
    body: { type: 'simple', prompt: 'Sort these', project_id: 'p-none' },
  })
  await send('a task for the project of somebody else', 'POST', execute, {
    token: eve,
    body: { type: 'simple', prompt: 'Sort these', project_id: audit.project_id },
  })
  await send('a task without a token', 'POST', execute, { body: { type: 'simple', prompt: 'Sort these' } })
  await settled()
  await send('read the task', 'GET', `/api/tasks/${security.task_id}`, { token: ada })
  await send('eve reads the task of ada', 'GET', `/api/tasks/${security.task_id}`, { token: eve })
  await send('a task that is not there', 'GET', '/api/tasks/t-none', { token: ada })
  await send('tasks of the project', 'GET', `${project}/tasks`, { token: ada })
  await send('tasks of the other project', 'GET', `/api/projects/${idle.project_id}/tasks`, { token: ada })
  await send('the metrics of ada', 'GET', '/api/metrics/summary?hours=1', { token: ada })
  await send('the metrics of eve', 'GET', '/api/metrics/summary', { token: eve })
  await send('metrics of no hours', 'GET', '/api/metrics/summary?hours=0', { token: ada })
  await send('delete the project', 'DELETE', project, { token: ada })
  await send('read the deleted project', 'GET', project, { token: ada })
  await send('read a task of the deleted project', 'GET', `/api/tasks/${security.task_id}`, { token: ada })
  await send('tasks of the deleted project', 'GET', `${project}/tasks`, { token: ada })
}
