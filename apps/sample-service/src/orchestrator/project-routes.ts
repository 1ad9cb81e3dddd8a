import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { bearer, requireUser, userOf } from '../auth/require-user.ts'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import { HttpError } from '../http/http-error.ts'
import { idempotencyHeaderSchema, idOfKey, keyWasUsed } from '../idempotency/idempotency-key.ts'
import { apiErrorHandler, apiErrorSchema } from './api-error.ts'
import { pageOptions, pageQuerySchema } from './page-query.ts'
import type { ProjectStore } from './project-store.ts'
import { newProjectSchema, projectPageSchema, projectPathSchema, projectSchema, taskPageSchema } from './project.ts'
import type { TaskStore } from './task-store.ts'

export interface ProjectRoutesOptions {
  projects: ProjectStore
  tasks: TaskStore
  verifier: TokenVerifier
  newId: () => string
}

const shared = { tags: ['Projects'], security: bearer }
const refusals = { 400: apiErrorSchema, 401: apiErrorSchema, 503: apiErrorSchema }

/** Projects of a user, and the tasks in them; mounted below `/api/projects`. */
export const projectRoutes: FastifyPluginAsyncZod<ProjectRoutesOptions> = async (app, options) => {
  const { projects, tasks, verifier, newId } = options
  app.setErrorHandler(apiErrorHandler)
  requireUser(app, verifier)

  app.post(
    '/',
    {
      schema: {
        ...shared,
        summary: 'Create a project',
        headers: idempotencyHeaderSchema,
        body: newProjectSchema,
        response: { 201: projectSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const user = userOf(request)
      const key = request.headers['idempotency-key']
      const project_id = key === undefined ? newId() : idOfKey('project', user, key)
      const created = await projects.create(project_id, user, request.body)
      const project = created ?? (await projects.find(project_id, user)) ?? notFound()
      const { name, description } = request.body
      if (project.name !== name || project.description !== description) throw keyWasUsed(String(key))
      return reply.code(201).header('location', `${app.prefix}/${project.project_id}`).send(project)
    },
  )

  app.get(
    '/',
    {
      schema: {
        ...shared,
        summary: 'List projects, newest first',
        querystring: pageQuerySchema,
        response: { 200: projectPageSchema, ...refusals },
      },
    },
    async (request) => {
      const { items, next = null } = await projects.list(userOf(request), pageOptions(request.query))
      return { projects: items, next }
    },
  )

  app.get(
    '/:project_id',
    {
      schema: {
        ...shared,
        summary: 'Read a project',
        params: projectPathSchema,
        response: { 200: projectSchema, 404: apiErrorSchema, ...refusals },
      },
    },
    async (request) => {
      const project = await projects.find(request.params.project_id, userOf(request))
      return project ?? notFound()
    },
  )

  app.delete(
    '/:project_id',
    {
      schema: {
        ...shared,
        summary: 'Delete a project and its tasks',
        params: projectPathSchema,
        response: { 204: z.undefined().describe('Deleted'), 404: apiErrorSchema, ...refusals },
      },
    },
    async (request, reply) => {
      if (!(await projects.remove(request.params.project_id, userOf(request)))) notFound()
      return reply.code(204).send()
    },
  )

  app.get(
    '/:project_id/tasks',
    {
      schema: {
        ...shared,
        summary: 'List the tasks of a project, newest first',
        params: projectPathSchema,
        querystring: pageQuerySchema,
        response: { 200: taskPageSchema, 404: apiErrorSchema, ...refusals },
      },
    },
    async (request) => {
      const { project_id } = request.params
      if (!(await projects.find(project_id, userOf(request)))) notFound()
      const { items, next = null } = await tasks.list(project_id, pageOptions(request.query))
      return { tasks: items, next }
    },
  )
}

/** Word for word the same for a project of another user. */
function notFound(): never {
  throw new HttpError(404, 'Project not found')
}
