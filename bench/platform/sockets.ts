import type { Row } from '../row.ts'
import { BenchProcess, withProcess } from '../tap/process.ts'
import { startPlatformProcess } from './platform-process.ts'
import type { Services } from './services.ts'
import { SECRET, tokensOf } from './users.ts'
import type { Arrivals, ClientsOrder, Target } from './ws-clients.ts'

const CLIENTS = 10_000
const PROCESSES = 2
const ROUNDS = 3
const PATIENCE_MS = 30_000
/** Each follows a session of their own on a hundred connections. */
const USERS = 100

/** Ten thousand clients that follow sessions; a message to each session goes to all of them. */
export async function socketRows(services: Services): Promise<Row[]> {
  const peer = await peerBroadcast()
  const lease = await services.lease()
  const targets = (await tokensOf(USERS)).map((token, user) => ({ path: `/v1/session/u${user}/stream`, token }))
  // The gateway alone: with a worker beside it each message would bring an answer and its pieces to all of them, too.
  const platform = await startPlatformProcess({
    args: ['--role', 'gateway'],
    env: { ...lease.env, AUTH_SECRET: SECRET },
  })
  try {
    return await withClients(platform.port, targets, async (broadcast) => {
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round += 1) {
        const message = `round ${round} to everybody`
        const say = (): Promise<unknown> =>
          Promise.all(targets.map(({ token }, user) => post(platform.port, token, `u${user}`, message)))
        times.push(await broadcast(message, say))
      }
      const [memory, longest] = [await platform.peakMemory(), Math.max(...times)]
      const what = `${CLIENTS.toLocaleString('en')} WebSocket clients on one gateway, real Postgres, Redis and Kafka`
      return [
        {
          area: 'platform',
          what: `${what}: a message to all of them, from the first POST to the last arrival; longest of ${ROUNDS}`,
          ours: `${longest.toFixed(0)} ms`,
          peer: `ws, a loop of send: ${peer.longest.toFixed(0)} ms`,
          ratio: longest / peer.longest,
          bar: '< 1,000 ms',
          met: longest < 1_000,
        },
        {
          area: 'platform',
          what: `${what}: peak memory`,
          ours: megabytes(memory),
          peer: `ws alone: ${megabytes(peer.memory)}`,
          bar: '<= 1,024 MiB',
          met: memory <= 2 ** 30,
        },
      ]
    })
  } finally {
    await platform[Symbol.asyncDispose]()
    await lease[Symbol.asyncDispose]()
  }
}

type Broadcast = (text: string, send: () => Promise<unknown>) => Promise<number>

/** Opens the clients; `broadcast` resolves with the time from the sending of a text to its last arrival, in milliseconds. */
async function withClients<Result>(
  port: number,
  targets: readonly Target[],
  use: (broadcast: Broadcast) => Promise<Result>,
): Promise<Result> {
  const file = new URL('ws-clients.ts', import.meta.url).href
  const processes = Array.from({ length: PROCESSES }, () => new BenchProcess(file, {}))
  const order = <Answer>(message: ClientsOrder): Promise<Answer[]> =>
    Promise.all(processes.map((process) => process.ask<Answer>(message)))
  try {
    await order({ open: { port, targets, count: CLIENTS / PROCESSES } })
    return await use(async (text, send) => {
      await order({ await: { text, timeoutMs: PATIENCE_MS } })
      const arrivals = Promise.all(processes.map((process) => process.ask<Arrivals>()))
      const sent = Date.now()
      await send()
      const all = await arrivals
      const missed = CLIENTS - all.reduce((sum, { arrived }) => sum + arrived, 0)
      if (missed > 0)
        throw new Error(`${missed} of ${CLIENTS} clients did not get the message within ${PATIENCE_MS} ms.`)
      return Math.max(...all.map(({ last }) => last)) - sent
    })
  } finally {
    await Promise.all(processes.map((process) => process.stop()))
  }
}

async function peerBroadcast(): Promise<{ longest: number; memory: number }> {
  return withProcess(new URL('peers/ws-server.ts', import.meta.url).href, {}, async (server) => {
    const { port } = await server.ask<{ port: number }>()
    return withClients(port, [{ path: '/', token: '' }], async (broadcast) => {
      const times: number[] = []
      let memory = 0
      for (let round = 0; round < ROUNDS; round += 1) {
        const text = `round ${round} to everybody ${'.'.repeat(300)}`
        const send = async (): Promise<void> => {
          ;({ memory } = await server.ask<{ memory: number }>({ broadcast: text }))
        }
        times.push(await broadcast(text, send))
      }
      return { longest: Math.max(...times), memory }
    })
  })
}

async function post(port: number, token: string, session_id: string, message: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/session/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ session_id, message }),
  })
  if (response.status !== 202) throw new Error(`The message was answered with ${response.status}.`)
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
