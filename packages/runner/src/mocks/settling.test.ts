import type { RecordedCall } from '@keploy-framework/match'
import { describe, expect, it } from 'vitest'

import { Settling } from './settling.ts'

/** Only their identity matters here. */
const call = (name: string): RecordedCall => ({ name }) as RecordedCall

describe('waiting for what a service does by itself', () => {
  it('goes on when all of it was asked, step by step', async () => {
    let open = [call('claim'), call('store'), call('publish')]
    const settling = new Settling(() => open, 30_000)
    let over = false
    const waiting = settling.until(1).then(() => (over = true))
    while (open.length > 0) {
      expect(over).toBe(false)
      open = open.slice(1)
      settling.answered()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await waiting
  })

  it('does not wait where nothing is left', async () => {
    await expect(new Settling(() => [], 30_000).until(1)).resolves.toBeUndefined()
  })

  it('gives a call up that does not come, once, whatever else is asked meanwhile', async () => {
    const lost = call('lost')
    let asked = 0
    const settling = new Settling(() => {
      asked += 1
      return [lost]
    }, 20)
    const noise = setInterval(() => settling.answered(), 5)
    await settling.until(1)
    clearInterval(noise)
    expect(asked).toBeGreaterThan(1)
    asked = 0
    await settling.until(2)
    expect(asked).toBe(1)
  })

  it('waits for nothing more where the service has changed', async () => {
    let asked = 0
    const settling = new Settling(() => [call(`lost ${asked++}`)], 5)
    for (let time = 0; time < 3; time++) await settling.until(time)
    asked = 0
    await settling.until(4)
    expect(asked).toBe(0)
  })
})
