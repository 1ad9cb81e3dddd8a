import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import { type InboundRequest, startHook } from '@keploy-framework/intercept'

import { startDependencies } from '../dependencies.ts'

/** How the calls of one driver were attributed. */
export interface Score {
  readonly driver: string
  readonly known: number
  readonly ambiguous: number
  readonly wrong: number
  readonly missing: number
}

const REQUESTS = 160
const CALLS = 3
const CONCURRENCY = 32

/** Sends 160 requests, 32 at a time, for each driver of the service, and counts whose calls were attributed rightly. */
export async function scoreAttribution(node: string, env: Record<string, string>): Promise<Score[]> {
  const seen = new Map<string, InboundRequest | undefined>()
  const hook = await startHook({
    nodeOptions: '',
    handler: {
      mode: 'record',
      observe: () => ({
        push(from, chunk, _at, cause) {
          if (from === 'server') return
          for (const [tag] of Buffer.from(chunk)
            .toString('latin1')
            .matchAll(/tag-[a-z\d-]+\.\d/g)) {
            if (!seen.has(tag)) seen.set(tag, cause)
          }
        },
        end() {},
        abort() {},
      }),
    },
  })
  const child = spawn(node, [path.join(import.meta.dirname, 'service.cjs')], {
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...env, ...hook.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { port, drivers } = JSON.parse(line) as { port: number; drivers: string[] }
    const scores: Score[] = []
    for (const driver of drivers) {
      const expected = await sendRequests(port, driver)
      await hook.flush()
      const score = { driver, known: 0, ambiguous: 0, wrong: 0, missing: 0 }
      for (const [tag, right] of expected) {
        for (let call = 0; call < CALLS; call++) {
          const key = `${tag}.${call}`
          const cause = seen.get(key)
          if (!seen.has(key)) score.missing++
          else if (cause === undefined) score.ambiguous++
          else if (cause.clientPort === right.clientPort && cause.ordinal === right.ordinal) score.known++
          else score.wrong++
        }
      }
      scores.push(score)
    }
    return scores
  } finally {
    child.kill('SIGKILL')
    await hook.close()
  }
}

async function sendRequests(port: number, driver: string): Promise<Map<string, InboundRequest>> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  const counts = new Map<number, number>()
  const expected = new Map<string, InboundRequest>()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < REQUESTS) {
      const tag = `tag-${driver}-${next}`
      const method = next++ % 2 === 0 ? 'GET' : 'POST'
      await new Promise<void>((resolve, reject) => {
        const request = http.request(
          { host: '127.0.0.1', port, path: `/${driver}/${tag}`, method, agent },
          (response) => {
            const clientPort = response.socket.localPort ?? 0
            const ordinal = counts.get(clientPort) ?? 0
            counts.set(clientPort, ordinal + 1)
            expected.set(tag, { clientPort, ordinal })
            if (response.statusCode !== 200) response.on('data', (text) => console.error(String(text)))
            response.resume().on('end', resolve)
          },
        )
        request.on('error', reject).end(method === 'POST' ? 'body' : undefined)
      })
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  agent.destroy()
  return expected
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { node: { type: 'string', multiple: true } } })
  const dependencies = await startDependencies()
  try {
    for (const node of values.node ?? [process.execPath]) {
      console.log(node)
      console.table(await scoreAttribution(node, dependencies.env))
    }
  } finally {
    await dependencies.close()
  }
}
