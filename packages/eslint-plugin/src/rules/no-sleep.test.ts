import { tester } from '../testing/rule-tester.ts'
import { noSleep } from './no-sleep.ts'

const inTest = (code: string) => `test('a', async () => { ${code} })`
const sleeps = (code: string, before = '') => ({ code: before + inTest(code), errors: [{ messageId: 'sleep' }] })
const timers = "import { setTimeout } from 'node:timers/promises'\n"

tester.run('no-sleep', noSleep, {
  valid: [
    inTest('await waitForCondition(() => done)'),
    inTest('await vi.waitFor(() => expect(a).toBe(1))'),
    inTest('await wait(condition)'),
    inTest('await client.delay(100)'),
    {
      name: 'another turn of the event loop',
      code: timers + inTest('await setTimeout(0); await new Promise((done) => setTimeout(done, 0))'),
    },
    { name: 'a limit on something else', code: timers + inTest('await Promise.race([work(), setTimeout(1000)])') },
    {
      name: 'a slow service that the test plays',
      code: timers + inTest('createServer(async (req, res) => { await setTimeout(50); res.end() })'),
    },
    {
      name: 'a promise that also waits for something',
      code: inTest('await new Promise((done) => { socket.once("data", done); setTimeout(done, 100) })'),
    },
    { name: 'a hand-made loop', code: timers + inTest('while (!done) await setTimeout(50)') },
    'const sleep = (ms) => new Promise((done) => setTimeout(done, ms))',
  ],
  invalid: [
    sleeps('await setTimeout(100)', timers),
    sleeps('await later(100)', "import { setTimeout as later } from 'timers/promises'\n"),
    sleeps('await timers.setTimeout(100)', "import timers from 'node:timers/promises'\n"),
    sleeps('await scheduler.wait(100)', "import { scheduler } from 'node:timers/promises'\n"),
    sleeps('await sleep(100)'),
    sleeps('await delay(timeoutMs * 2)'),
    sleeps('await page.waitForTimeout(500)'),
    sleeps('await new Promise((resolve) => setTimeout(resolve, 100))'),
    sleeps('await new Promise<void>((resolve) => { setTimeout(() => resolve(), 100) })'),
    sleeps('for (let i = 0; i < 3; i++) await sleep(10)'),
    { code: 'beforeEach(async () => { await sleep(10) })', errors: [{ messageId: 'sleep' }] },
    { code: 'await sleep(10)', errors: [{ messageId: 'sleep' }] },
    { code: inTest('await rest(10)'), options: [{ names: ['rest'] }], errors: [{ messageId: 'sleep' }] },
    { code: inTest('while (!done) await sleep(50)'), options: [{ polling: true }], errors: [{ messageId: 'polling' }] },
    {
      code: inTest('await sleep(100); expect(list.length).toBe(2)'),
      errors: [
        {
          messageId: 'sleep',
          suggestions: [{ messageId: 'poll', output: inTest('await expect.poll(() => list.length).toBe(2)') }],
        },
      ],
    },
    {
      code: inTest('await sleep(100)\nexpect(await load()).not.toEqual([])'),
      errors: [
        {
          messageId: 'sleep',
          suggestions: [
            { messageId: 'poll', output: inTest('await expect.poll(async () => await load()).not.toEqual([])') },
          ],
        },
      ],
    },
  ],
})
