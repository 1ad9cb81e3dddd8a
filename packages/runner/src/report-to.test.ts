import type { Reporter, RunEvent } from '@keploy-framework/format'
import { expect, it } from 'vitest'

import { reportTo } from './report-to.ts'

const event: RunEvent = { type: 'set-finished', at: 0, set: 'test-set-0' }

function collecting(events: RunEvent[]): Reporter {
  return { name: 'collecting', onEvent: (one) => void events.push(one) }
}

it('tells the others when a reporter throws, and leaves it out from then on', async () => {
  const heard: RunEvent[] = []
  let calls = 0
  const broken: Reporter = {
    name: 'broken',
    onEvent() {
      calls += 1
      throw new Error('disk full')
    },
  }
  const group = reportTo([broken, collecting(heard)], () => 5)
  group.onEvent(event)
  group.onEvent(event)
  await group.finish()
  expect(calls).toBe(1)
  expect(group.failures.map(({ reporter }) => reporter)).toEqual(['broken'])
  expect(heard[0]).toMatchObject({ type: 'notice', at: 5, level: 'error', code: 'KEPLOY_REPORTER_FAILED' })
  expect(heard[0]?.type === 'notice' && heard[0].message).toContain('disk full')
  expect(heard.slice(1)).toEqual([event, event])
})

it('remembers a reporter that fails at the end, and still finishes the others', async () => {
  const finished: string[] = []
  const group = reportTo([
    { name: 'late', onEvent: () => undefined, finish: () => Promise.reject(new Error('no room')) },
    { name: 'good', onEvent: () => undefined, finish: () => void finished.push('good') },
  ])
  await group.finish()
  expect(finished).toEqual(['good'])
  expect(group.failures).toEqual([{ reporter: 'late', error: new Error('no room') }])
})
