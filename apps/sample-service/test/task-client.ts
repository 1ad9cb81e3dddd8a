import { once } from 'node:events'

import { WebSocket } from 'ws'

import type { Project } from '../src/orchestrator/project.ts'
import type { TaskEvent } from '../src/orchestrator/task-event.ts'
import type { Metrics } from '../src/orchestrator/task-metrics.ts'
import type { Task } from '../src/orchestrator/task.ts'
import { bearerOf } from './follow-session.ts'

/** Any answer of the orchestrator. Tests look at the fields that theirs has. */
type Answer = Task &
  Project &
  Metrics & { error: string; error_code: string; projects: Project[]; tasks: Task[]; next: string | null }

/** A client of the orchestrator with a token: HTTP as JSON, and channels of tasks. */
export function taskClient(url: string, token: string | undefined) {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && bearerOf(token)) }
  const send = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body: text }) })
    const answer = await response.text()
    return { status: response.status, body: JSON.parse(answer) as Answer }
  }
  return {
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown) => send('POST', path, body),
    delete: async (path: string) =>
      (await fetch(url + path, { method: 'DELETE', headers: { authorization: headers.authorization ?? '' } })).status,
    execute: (body: object) => send('POST', '/api/orchestration/execute', body),
    /** Opens a channel, or says with which status it was refused. */
    async follow(channel: string) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?channel=${channel}`, { headers })
      const events: TaskEvent[] = []
      socket.on('message', (data: Buffer) => events.push(JSON.parse(data.toString()) as TaskEvent))
      const status = await Promise.race([
        once(socket, 'open').then(() => 101),
        new Promise<number>((resolve) => {
          socket.once('unexpected-response', (_request, response) => {
            response.resume()
            resolve(response.statusCode ?? 0)
          })
        }),
      ])
      return {
        status,
        socket,
        events,
        typesOf: (task_id: string) => events.filter((event) => event.task_id === task_id).map(({ type }) => type),
        async [Symbol.asyncDispose]() {
          socket.terminate()
        },
      }
    },
  }
}
