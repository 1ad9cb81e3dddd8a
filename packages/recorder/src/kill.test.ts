import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { readTestSet } from '@keploy-framework/format'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { listJournals } from './journal/journal-files.ts'
import { recover } from './recover.ts'

/** How often a recorder is killed; more in a nightly run. */
const KILLS = Number(process.env['KEPLOY_KILLS'] ?? 20)

let service: Server
let target: string
beforeAll(async () => {
  service = createServer((incoming, response) => {
    incoming.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ answered: incoming.url }))
    })
  })
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  target = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
})
afterAll(async () => {
  service.closeAllConnections()
  service.close()
  await once(service, 'close')
})

async function startRecorder(directory: string): Promise<{ child: ChildProcess; url: string }> {
  const file = fileURLToPath(new URL('../test/kill-child.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--conditions=@keploy-framework/source', '--no-warnings', file, target, directory],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  for await (const url of createInterface({ input: child.stdout as NodeJS.ReadableStream })) return { child, url }
  throw new Error('The recorder ended before it told where it listens.')
}

function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('end', () => resolve(text))
      response.on('error', reject)
      response.on('aborted', () => reject(new Error('aborted')))
    })
      .on('error', reject)
      .end()
  })
}

/** Asks on several connections until the recorder is gone; gives what was answered. */
async function drive(url: string, acknowledged: string[], enough: () => void): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  let next = 0
  const lane = async (): Promise<void> => {
    for (;;) {
      const path = `/items/n${next++}`
      try {
        const text = await get(url + path, agent)
        if ((JSON.parse(text) as { answered: string }).answered === path) acknowledged.push(path)
      } catch {
        return
      }
      enough()
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  agent.destroy()
}

describe('a recorder that is killed', () => {
  it.each(Array.from({ length: KILLS }, (_, round) => round))(
    'has every exchange that a client saw in its journal (%i)',
    async (round) => {
      const directory = await mkdtemp(join(tmpdir(), 'kill-'))
      try {
        const { child, url } = await startRecorder(directory)
        const acknowledged: string[] = []
        // A different moment each time: after so many answers, and then somewhere within the next turns.
        const after = 1 + ((round * 37) % 300)
        await drive(url, acknowledged, () => {
          if (acknowledged.length === after) child.kill('SIGKILL')
        })
        if (child.signalCode === null) await once(child, 'exit')
        expect(child.signalCode).toBe('SIGKILL')
        const journals = await listJournals(directory)
        expect(journals.map((journal) => journal.inUse)).toEqual([false])
        const summary = await recover(journals[0]?.file ?? '')
        const { set } = await readTestSet(join(directory, summary.set))
        const recorded = new Set(set.tests.map((test) => new URL(test.request.url).pathname))
        expect(acknowledged.filter((path) => !recorded.has(path))).toEqual([])
        expect(acknowledged.length).toBeGreaterThanOrEqual(after)
        expect(summary.tests).toBe(set.tests.length)
        expect(await listJournals(directory)).toEqual([])
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    },
    60_000,
  )
})
