import { tester } from '../testing/rule-tester.ts'
import { maxMockSetup } from './max-mock-setup.ts'

const body = (lines: number) => Array.from({ length: lines }, (_, index) => `  a${index}: ${index},`).join('\n')
/** A mock that covers so many lines. */
const mock = (lines: number) => `vi.mock('a', () => ({\n${body(lines - 2)}\n}))`
const nested = (count: number) =>
  `const a = vi.fn(() => ({ ${Array.from({ length: count }, (_, i) => `b${i}: vi.fn()`).join(', ')} }))`
const lines = (count: number, max = 50) => ({
  errors: [{ messageId: 'lines', data: { lines: String(count), max: String(max) } }],
})

tester.run('max-mock-setup', maxMockSetup, {
  valid: [
    mock(50),
    `const data = {\n${body(90)}\n}\n${mock(10)}`,
    { name: 'each test by itself', code: `test('a', () => {\n${mock(40)}\n})\ntest('b', () => {\n${mock(40)}\n})` },
    nested(5),
    {
      name: 'chains are one mock',
      code: `const a = vi.fn(() => ({ ${'b: vi.fn().mockReturnValue(1).mockReturnValueOnce(2), '.repeat(5)} }))`,
    },
    {
      name: 'tests are not set-up',
      code: `describe('a', () => {\n${body(0)}\nvi.fn()\n${'// x\n'.repeat(60)}})`,
      options: [{ lines: 70 }],
    },
  ],
  invalid: [
    { code: mock(51), ...lines(51) },
    { code: `${mock(30)}\n${mock(30)}`, ...lines(60) },
    { code: `beforeEach(() => {\n${mock(30)}\nconst x = 1\n${mock(21)}\n})`, ...lines(51) },
    { code: `test('a', () => {\n${mock(12)}\n})`, options: [{ lines: 10 }], ...lines(12, 10) },
    { code: nested(6), errors: [{ messageId: 'nested', data: { count: '6', max: '5' } }] },
    { code: nested(1), options: [{ nested: 0 }], errors: [{ messageId: 'nested' }] },
    {
      code: 'const a = jest.fn(() => jest.fn(() => jest.fn(() => jest.fn(() => jest.fn(() => jest.fn(() => jest.fn()))))))',
      errors: [{ messageId: 'nested' }],
    },
  ],
})
