import { tester } from '../testing/rule-tester.ts'
import { maxTestLines } from './max-test-lines.ts'

const filled = (lines: number, line = 'work()') => `test('a', () => {\n${`${line}\n`.repeat(lines - 2)}})`

tester.run('max-test-lines', maxTestLines, {
  valid: [
    filled(100),
    `describe('a', () => {\n${filled(90)}\n${filled(90)}\n})`,
    `beforeEach(() => {\n${'work()\n'.repeat(200)}})`,
    { code: filled(150, ''), options: [{ skipBlankLines: true }] },
    { code: filled(150, '// why'), options: [{ skipComments: true }] },
    { code: "test('a', () => {\n/*\nwhy\n*/\n})", options: [{ max: 2, skipComments: true }] },
  ],
  invalid: [
    { code: filled(101), errors: [{ messageId: 'long', data: { lines: '101', max: '100' } }] },
    { code: filled(150, ''), errors: [{ messageId: 'long' }] },
    { code: filled(150, 'work() // why'), options: [{ skipComments: true }], errors: [{ messageId: 'long' }] },
    { code: filled(4).replace("test('a'", "it.each([1])('a'"), options: [{ max: 3 }], errors: [{ messageId: 'long' }] },
  ],
})
