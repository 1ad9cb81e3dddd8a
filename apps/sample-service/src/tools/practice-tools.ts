import { z } from 'zod'

import { path } from '../upstream/upstream.ts'
import { limit, text, upstreamId, upstreamTool } from './upstream-tool.ts'

const client = z.object({ client_id: upstreamId })
const moment = z.iso.datetime().describe('UTC, like 2026-01-26T09:00:00Z')

/** Notes, tasks, appointments and goals: what a practice keeps beside sessions. */
export const practiceTools = [
  upstreamTool({
    name: 'list_notes',
    description: 'Lists the notes about a client.',
    args: client,
    request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}/notes` }),
  }),
  upstreamTool({
    name: 'create_note',
    description: 'Writes a note about a client.',
    args: client.extend({ text }),
    request: (body) => ({ method: 'POST', path: '/notes', body }),
  }),
  upstreamTool({
    name: 'list_tasks',
    description: 'Lists what is to be done, for one client or for all.',
    args: z.object({ client_id: upstreamId.optional(), limit }),
    request: (query) => ({ method: 'GET', path: '/tasks', query }),
  }),
  upstreamTool({
    name: 'create_task',
    description: 'Notes something that is to be done for a client.',
    args: client.extend({ title: text }),
    request: (body) => ({ method: 'POST', path: '/tasks', body: { ...body, done: false } }),
  }),
  upstreamTool({
    name: 'complete_task',
    description: 'Marks a task as done.',
    args: z.object({ task_id: upstreamId }),
    request: ({ task_id }) => ({ method: 'PATCH', path: path`/tasks/${task_id}`, body: { done: true } }),
  }),
  upstreamTool({
    name: 'list_appointments',
    description: 'Lists appointments, of one client or of all.',
    args: z.object({ client_id: upstreamId.optional(), limit }),
    request: (query) => ({ method: 'GET', path: '/appointments', query }),
  }),
  upstreamTool({
    name: 'create_appointment',
    description: 'Makes an appointment with a client.',
    args: client.extend({ starts_at: moment }),
    request: (body) => ({ method: 'POST', path: '/appointments', body }),
  }),
  upstreamTool({
    name: 'cancel_appointment',
    description: 'Cancels an appointment.',
    args: z.object({ appointment_id: upstreamId }),
    request: ({ appointment_id }) => ({ method: 'DELETE', path: path`/appointments/${appointment_id}` }),
  }),
  upstreamTool({
    name: 'list_goals',
    description: 'Lists the goals of a client.',
    args: client,
    request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}/goals` }),
  }),
  upstreamTool({
    name: 'create_goal',
    description: 'Writes down a goal of a client.',
    args: client.extend({ title: text }),
    request: (body) => ({ method: 'POST', path: '/goals', body: { ...body, reached: false } }),
  }),
]
