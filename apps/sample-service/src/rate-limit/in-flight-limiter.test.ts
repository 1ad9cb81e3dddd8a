import fc from 'fast-check'
import { expect, test } from 'vitest'

import { InFlightLimiter } from './in-flight-limiter.ts'

/** Lets everything run that is ready to. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** Work that ends when it is told to. */
function openWork() {
  const started: number[] = []
  const ends: PromiseWithResolvers<void>[] = []
  const work = (number: number) => async () => {
    started.push(number)
    ends[number] = Promise.withResolvers()
    await ends[number].promise
    return number
  }
  return {
    started,
    work,
    end: (number: number) => ends[number]!.resolve(),
    fail: (number: number) => ends[number]!.reject(new Error(`${number}`)),
  }
}

test('ten requests of a user are in flight, the eleventh waits until one ends', async () => {
  const limiter = new InFlightLimiter()
  const { started, work, end } = openWork()
  const runs = Array.from({ length: 11 }, (_, number) => limiter.run('u', work(number)))
  await settle()
  expect(started).toHaveLength(10)
  expect(limiter.loadOf('u')).toEqual({ inFlight: 10, waiting: 1 })
  end(3)
  await settle()
  expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(limiter.loadOf('u')).toEqual({ inFlight: 10, waiting: 0 })
  for (const number of started) end(number)
  await expect(Promise.all(runs)).resolves.toEqual(started)
})

test('those that wait go on in the order in which they came, and nobody who comes later overtakes them', async () => {
  const limiter = new InFlightLimiter({ limit: 1 })
  const { started, work, end } = openWork()
  const runs = [0, 1, 2].map((number) => limiter.run('u', work(number)))
  await settle()
  end(0)
  runs.push(limiter.run('u', work(3)))
  for (const number of [1, 2, 3]) {
    await settle()
    end(number)
  }
  await Promise.all(runs)
  expect(started).toEqual([0, 1, 2, 3])
})

test('an error gives the place free, and reaches who asked', async () => {
  const limiter = new InFlightLimiter({ limit: 1 })
  const { started, work, end, fail } = openWork()
  const failing = limiter.run('u', work(0))
  const next = limiter.run('u', work(1))
  const thrown = limiter.run('u', () => {
    throw new Error('before it was a promise')
  })
  const outcomes = Promise.allSettled([failing, next, thrown])
  await settle()
  fail(0)
  await settle()
  expect(started).toEqual([0, 1])
  end(1)
  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason: { message: '0' } },
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: { message: 'before it was a promise' } },
  ])
  expect(limiter.users).toBe(0)
})

test('users do not wait for each other, and nothing is kept of those who have no requests', async () => {
  const limiter = new InFlightLimiter({ limit: 1 })
  const busy = await limiter.acquire('busy')
  await Promise.all(Array.from({ length: 1_000 }, (_, number) => limiter.run(`user ${number}`, async () => {})))
  expect(limiter.users).toBe(1)
  busy()
  busy()
  expect(limiter.users).toBe(0)
  expect(limiter.loadOf('busy')).toEqual({ inFlight: 0, waiting: 0 })
})

test('releasing twice does not give two places free', async () => {
  const limiter = new InFlightLimiter({ limit: 1 })
  const first = await limiter.acquire('u')
  const second = limiter.acquire('u')
  const third = limiter.acquire('u')
  first()
  first()
  const release = await second
  await settle()
  expect(limiter.loadOf('u')).toEqual({ inFlight: 1, waiting: 1 })
  release()
  ;(await third)()
})

test('waiting is bounded in number and in time', async () => {
  const limiter = new InFlightLimiter({ limit: 1, maxWaiting: 2, maxWaitMs: 50 })
  const release = await limiter.acquire('u')
  const waiting = [limiter.acquire('u'), limiter.acquire('u')]
  await expect(limiter.acquire('u')).rejects.toMatchObject({ statusCode: 429, message: expect.stringContaining('3') })
  for (const late of waiting) {
    await expect(late).rejects.toMatchObject({ statusCode: 429, message: expect.stringContaining('50 ms') })
  }
  expect(limiter.loadOf('u')).toEqual({ inFlight: 1, waiting: 0 })
  release()
  await expect(limiter.run('u', async () => 'free')).resolves.toBe('free')
})

test('a client that goes away while it waits leaves no trace', async () => {
  const limiter = new InFlightLimiter({ limit: 1 })
  const release = await limiter.acquire('u')
  const gone = new AbortController()
  const leaving = limiter.acquire('u', gone.signal)
  const staying = limiter.acquire('u')
  gone.abort(new Error('gone'))
  await expect(leaving).rejects.toThrow('gone')
  release()
  ;(await staying)()
  expect(limiter.users).toBe(0)
  await expect(limiter.acquire('u', gone.signal)).rejects.toThrow('gone')
  expect(limiter.users).toBe(0)
})

test('whatever happens in whatever order: never more than the limit, everybody has a turn, and nothing is left', async () => {
  const step = fc.record({
    user: fc.constantFrom('a', 'b'),
    fails: fc.boolean(),
    turns: fc.nat(3),
    abort: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
      const limiter = new InFlightLimiter({ limit })
      const now: Record<string, number> = { a: 0, b: 0 }
      let worst = 0
      let done = 0
      const runs = steps.map(async ({ user, fails, turns, abort }) => {
        const signal = abort ? AbortSignal.abort(new Error('gone')) : undefined
        await limiter
          .run(
            user,
            async () => {
              now[user]! += 1
              worst = Math.max(worst, now[user]!)
              for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
              now[user]! -= 1
              if (fails) throw new Error('failed')
            },
            signal,
          )
          .catch(() => {})
        done += 1
      })
      await Promise.all(runs)
      expect(worst).toBeLessThanOrEqual(limit)
      expect(done).toBe(steps.length)
      expect(limiter.users).toBe(0)
    }),
  )
})
