import { setTimeout as pause } from 'node:timers/promises'

import { bearerOf } from '../follow-session.ts'
import { tokenFor } from '../real-parts.ts'

export interface LoadOptions {
  /** Asked before each request: processes come and go. */
  gatewayUrl: () => string
  orchestratorUrl?: () => string
  /** How many users speak at once. Default 4. */
  users?: number
  /** Which share of messages goes to a persona, and so through chains and tools. Default 0.25. */
  chains?: number
  /** How many messages may wait for their answers before nobody says more. Default 100. */
  backlog?: number
  /** How many of the accepted messages are answered. */
  answered: () => Promise<number>
}

/**
 * Users who go on talking, whatever happens to the platform. What was answered with 202 or 200 is accepted; what failed
 * may have been stored or not, which a client cannot know.
 */
export function startLoad(options: LoadOptions) {
  const { gatewayUrl, orchestratorUrl, users = 4, chains = 0.25, backlog = 100, answered } = options
  const accepted = new Map<string, { session_id: string; chain: boolean }>()
  const tasks: string[] = []
  const failures = new Map<string, number>()
  let running = true
  let answers = 0
  const failed = (what: unknown): void => {
    const cause = what instanceof Error ? (what.cause as { code?: string } | undefined) : undefined
    const name = what instanceof Error ? (cause?.code ?? what.name) : String(what)
    failures.set(name, (failures.get(name) ?? 0) + 1)
  }

  async function post(url: string, token: string, body: object): Promise<Record<string, string> | undefined> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearerOf(token) },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
      })
      const answer = (await response.json()) as Record<string, string>
      if (response.ok) return answer
      failed(response.status)
    } catch (error) {
      failed(error)
    }
    // Nobody is there at the moment; asking again at once would only take time from who is starting.
    await pause(50)
    return undefined
  }

  async function talk(user: number): Promise<void> {
    const token = await tokenFor({ id: `user-${user}` })
    for (let number = 0; running; number++) {
      while (running && accepted.size - answers > backlog) await pause(50)
      const chain = (number * chains) % 1 < chains
      const session_id = `${chain ? 'chain' : 'talk'}-${user}-${number % 5}`
      const persona_id = chain ? 'web_assistant' : null
      const body = { session_id, message: `message ${user}/${number}`, persona_id }
      const answer = await post(`${gatewayUrl()}/v1/session/message`, token, body)
      if (answer) accepted.set(answer['event_id']!, { session_id, chain })
    }
  }

  async function delegate(): Promise<void> {
    const token = await tokenFor({ id: 'manager' })
    for (let number = 0; running && orchestratorUrl; number++) {
      const body = { type: 'simple', prompt: `Say something about task ${number}` }
      const answer = await post(`${orchestratorUrl()}/api/orchestration/execute`, token, body)
      if (answer) tasks.push(answer['task_id']!)
      await pause(20)
    }
  }

  async function count(): Promise<void> {
    while (running) {
      answers = await answered().catch(() => answers)
      await pause(100)
    }
  }

  const work = Promise.all([...Array.from({ length: users }, (_, user) => talk(user)), delegate(), count()])
  return {
    /** The accepted messages by their ids. */
    accepted,
    /** The ids of tasks that were answered. */
    tasks,
    /** How often what went wrong, for people. */
    failures,
    async stop(): Promise<void> {
      running = false
      await work
    },
  }
}
