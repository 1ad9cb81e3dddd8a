import { tester } from '../testing/rule-tester.ts'
import { quarantineWithReason } from './quarantine-with-reason.ts'

const today = { today: '2026-06-01' }
const full = '// quarantine: the broker loses messages (#12); until 2026-07-01; plan: wait for broker 4.1'
const skip = "test.skip('a', () => {})"
const valid = (code: string, options: object = {}) => ({ code, options: [{ ...today, ...options }] })
const reports = (code: string, messageId: string, data?: Record<string, string>, options: object = {}) => ({
  ...valid(code, options),
  errors: [data ? { messageId, data } : { messageId }],
})

tester.run('quarantine-with-reason', quarantineWithReason, {
  valid: [
    valid(`${full}\n${skip}`),
    valid(`// quarantine: slow disk; until 2026-06-01\n${skip}`),
    valid(`// quarantine: slow disk; plan: #14\n${skip}`),
    valid(`// quarantine: the broker loses\n//   messages (#12)\n// until 2026-07-01\n// plan: wait for 4.1\n${skip}`, {
      require: 'both',
    }),
    valid(`/*\n * quarantine: slow disk; until: 2026-06-20; plan: #14\n */\n${skip}`, { require: 'both', maxDays: 30 }),
    valid("test('a', { retry: 2 }, () => {}) // quarantine: slow disk; plan: #14"),
    valid("test('a', { retry: 0, skip: false }, () => {})"),
    valid("test.skipIf(!docker)('a', () => {}); test('b', { skip: !docker }, () => {})"),
    valid("test('a', () => { test.skip(browser === 'webkit', 'no such key there') })"),
    valid("list.skip('a'); stream.retry({ retry: 2 })"),
    valid('jest.retryTimes(0)'),
    { name: 'the day of today', code: `// quarantine: slow disk; until 9999-12-31\n${skip}` },
  ],
  invalid: [
    reports(skip, 'missing'),
    reports(`// slow disk\n${skip}`, 'missing'),
    reports(`${full}\n\n${skip}`, 'missing'),
    reports("describe.skip('a', () => {})", 'missing'),
    reports("xit('a', () => {})", 'missing'),
    reports("test.todo('a')", 'missing'),
    reports("test.skip.each([1])('a', () => {})", 'missing'),
    reports("test.fixme('a', async () => {})", 'missing'),
    reports("test('a', { skip: true }, () => {})", 'missing'),
    reports("test('a', { skip: 'slow' }, () => {})", 'missing'),
    reports("test('a', { retry: 3 }, () => {})", 'missing'),
    reports("test('a', { tags: ['flaky'] }, () => {})", 'missing'),
    reports('jest.retryTimes(3)', 'missing'),
    reports('vi.setConfig({ retry: 3 })', 'missing'),
    reports('test.describe.configure({ retries: 3 })', 'missing'),
    reports(`// quarantine: ; until 2026-07-01\n${skip}`, 'reason'),
    reports(`// quarantine: slow disk\n${skip}`, 'plan', { missing: 'a day, a plan, or both' }),
    reports(`// quarantine: slow disk; plan: #14\n${skip}`, 'plan', { missing: 'a day' }, { require: 'both' }),
    reports(`// quarantine: slow disk; until 2026-07-01\n${skip}`, 'plan', { missing: 'a plan' }, { require: 'both' }),
    reports(`// quarantine: slow disk; until next week\n${skip}`, 'date', { until: 'next week' }),
    reports(`// quarantine: slow disk; until 2026-02-30\n${skip}`, 'date'),
    reports(`// quarantine: slow disk; until 2026-05-31\n${skip}`, 'expired', { until: '2026-05-31' }),
    reports(`${full}\n${skip}`, 'tooLong', { until: '2026-07-01', maxDays: '20' }, { maxDays: 20 }),
    {
      name: 'the day of today',
      code: `// quarantine: slow disk; until 2020-01-01\n${skip}`,
      errors: [{ messageId: 'expired' }],
    },
  ],
})
