import { afterAll, beforeAll, expect, it } from 'vitest'

import { recordService, withoutTimes, type RecordedService, type Recording, type Verdict } from './record-and-replay.ts'

export interface ServiceTestsOptions {
  /** Starts the real dependency, and says how the service is recorded with it. */
  readonly start: () => Promise<RecordedService>
  /** One change of the service, made by a variable, and what the failure has to name. */
  readonly change: {
    readonly env: (env: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
    readonly names: string
  }
}

/** What has to hold for each service: recorded with its dependency, replayed without. */
export function serviceTests({ start, change }: ServiceTestsOptions): void {
  let recording: Recording
  let service: RecordedService
  let first: Verdict

  beforeAll(async () => {
    service = await start()
    recording = await recordService(service)
  })
  afterAll(async () => {
    await recording?.[Symbol.asyncDispose]()
  })

  it('replays with its dependency stopped', async () => {
    first = await recording.replay()
    expectGreen(first, recording)
    expect(recording.calls).toMatchObject({ ambiguous: 0, leftOut: 0 })
  })

  it('gives the same verdict again, with the files in another order', async () => {
    await recording.copyReversed()
    const second = await recording.replay({ args: ['--dir', 'reversed'] })
    expect(withoutTimes(second)).toEqual(withoutTimes(first))
  })

  it('gives the same verdict with four workers', async () => {
    const verdict = await recording.replay({ args: ['--workers', '4'] })
    expect(withoutTimes(verdict)).toEqual(withoutTimes(first))
  })

  it('names the call that a changed service makes', async () => {
    const verdict = await recording.replay({ env: change.env(service.env) })
    expect(verdict.code, verdict.log).toBe(1)
    expect(verdict.summary.failed).toBeGreaterThan(0)
    const messages = verdict.sets
      .flatMap(({ tests }) => tests)
      .flatMap(({ failures }) => failures)
      .filter(({ kind }) => kind === 'dependency')
      .map(({ message = '' }) => message)
    expect(messages).not.toEqual([])
    expect(messages.filter((message) => !message.includes(change.names))).toEqual([])
  })
}

/** Every test passed, every recorded call was asked for, and nothing else was. */
export function expectGreen(verdict: Verdict, { tests, calls }: Recording): void {
  const failures = verdict.sets.flatMap((set) => set.tests).flatMap((test) => test.failures)
  expect(failures, verdict.log).toEqual([])
  expect(verdict, verdict.log).toMatchObject({
    code: 0,
    status: 'passed',
    summary: { total: tests, passed: tests, failed: 0 },
    mocks: { missed: 0, unused: 0 },
  })
  expect(tests).toBeGreaterThan(0)
  expect(verdict.mocks.served).toBeGreaterThan(0)
  expect(calls.mocks).toBeGreaterThanOrEqual(verdict.mocks.served)
}
