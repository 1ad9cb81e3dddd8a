// Loads a set of mocks in a process of its own, and asks for one call.
import { setTimeout as sleep } from 'node:timers/promises'

import { BindingTable, CallMatcher, planBindings } from '../../packages/match/src/index.ts'
import { loadMocks } from '../../packages/runner/src/mocks/load-mocks.ts'
import { findProtocol } from '../../packages/wire/src/index.ts'
import type { AskedCall } from './write-mocks.ts'

export interface LoadAnswer {
  readonly readyMs: number
  readonly firstMs: number
  /** Time of the processor, which other work on the machine does not lengthen. */
  readonly cpuMs: number
  /** Bytes beyond the process before it loaded anything: at its peak, and when it is ready. */
  readonly peak: number
  readonly rss: number
  readonly calls: number
  readonly right: boolean
  readonly problems: number
}

process.on('message', (message: { readonly folder: string; readonly asked: AskedCall }) => {
  void answer(message.folder, message.asked).then((result) => process.send!(result))
})
process.send!({ ready: true })

async function answer(folder: string, { content, dependency, test }: AskedCall): Promise<LoadAnswer> {
  globalThis.gc?.()
  await sleep(200)
  const before = process.memoryUsage.rss()
  let peak = before
  const started = performance.now()
  const worked = process.cpuUsage()
  const mocks = await loadMocks(folder, async () => [])
  peak = Math.max(peak, process.memoryUsage.rss())
  const matcher = new CallMatcher(mocks.calls)
  const loaded = performance.now()
  const { protocol, operation, lifetime, request, response } = content
  const key = findProtocol(protocol)!.match.key(request)
  const match = matcher.answer({ dependency, protocol, operation, lifetime, request, key }, [
    { name: test, table: new BindingTable(planBindings([])) },
  ])
  const readyMs = performance.now() - started
  const { user, system } = process.cpuUsage(worked)
  const rss = process.memoryUsage.rss()
  const right = match.type === 'match' && JSON.stringify(match.response) === JSON.stringify(response)
  if (!right) console.error(match.type === 'miss' ? match : match.call.name)
  return {
    readyMs,
    cpuMs: (user + system) / 1000,
    firstMs: readyMs - (loaded - started),
    // What `getrusage` saw includes what happened between two looks.
    peak: Math.max(peak, rss, process.resourceUsage().maxRSS * 1024) - before,
    rss: rss - before,
    calls: mocks.calls.length,
    right,
    problems: mocks.issues.length,
  }
}
