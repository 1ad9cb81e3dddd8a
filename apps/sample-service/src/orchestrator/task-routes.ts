import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { bearer, requireUser, userOf } from '../auth/require-user.ts'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import type { Database } from '../database/database.ts'
import { HttpError } from '../http/http-error.ts'
import type { InFlightLimiter } from '../rate-limit/in-flight-limiter.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import { apiErrorHandler, apiErrorSchema } from './api-error.ts'
import type { Orchestrator } from './orchestrator.ts'
import { countTasks, metricsQuerySchema, metricsSchema } from './task-metrics.ts'
import type { TaskStore } from './task-store.ts'
import { newTaskSchema, taskPathSchema, taskSchema } from './task.ts'

export interface TaskRoutesOptions {
  orchestrator: Orchestrator
  tasks: TaskStore
  database: Database
  verifier: TokenVerifier
  limiter: InFlightLimiter
}

const shared = { tags: ['Orchestration'], security: bearer }
const refusals = { 400: apiErrorSchema, 401: apiErrorSchema, 429: apiErrorSchema, 503: apiErrorSchema }

/** Tasks of a user: running them, reading them, counting them; mounted below `/api`. */
export const taskRoutes: FastifyPluginAsyncZod<TaskRoutesOptions> = async (app, options) => {
  const { orchestrator, tasks, database, verifier, limiter } = options
  app.setErrorHandler(apiErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  app.post(
    '/orchestration/execute',
    {
      schema: {
        ...shared,
        summary: 'Run a task on an agent, and wait for its end',
        description:
          'The type of the task decides which agent is asked first; when it fails, the others are asked, each at most once. A task that all agents fail is kept and can be read.',
        body: newTaskSchema,
        response: { 200: taskSchema, 404: apiErrorSchema, 502: apiErrorSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const executed = await orchestrator.execute(request.body, userOf(request))
      if ('stopping' in executed) throw new HttpError(503, 'The platform is stopping')
      if ('missing' in executed) {
        throw new HttpError(
          404,
          executed.missing === 'project' ? 'Project not found' : 'The task was deleted meanwhile',
        )
      }
      const { task } = executed
      if (task.status === 'completed') return reply.code(200).send(task)
      const error_code = task.error_code ?? 'AGENTS_FAILED'
      const status = error_code === 'AGENTS_UNAVAILABLE' ? 503 : 502
      return reply.code(status).send({ error: task.error ?? 'The task failed', error_code, task_id: task.task_id })
    },
  )

  app.get(
    '/tasks/:task_id',
    {
      schema: {
        ...shared,
        summary: 'Read a task',
        params: taskPathSchema,
        response: { 200: taskSchema, 404: apiErrorSchema, ...refusals },
      },
    },
    async (request) => {
      const task = await tasks.find(request.params.task_id, userOf(request))
      // Word for word the same for a task of another user.
      if (!task) throw new HttpError(404, 'Task not found')
      return task
    },
  )

  app.get(
    '/metrics/summary',
    {
      schema: {
        ...shared,
        summary: 'Count the tasks of the last hours',
        querystring: metricsQuerySchema,
        response: { 200: metricsSchema, ...refusals },
      },
    },
    async (request) => {
      const { hours } = request.query
      const { completedBy, ...counts } = await countTasks(database, userOf(request), hours)
      const agents = [...orchestrator.agents.values()].map(({ agent, circuit }) => ({
        agent: agent.name,
        description: agent.description,
        simulated: agent.simulated,
        circuit,
        completed: completedBy.get(agent.name) ?? 0,
      }))
      return { hours, ...counts, agents }
    },
  )
}
