import { tester } from '../testing/rule-tester.ts'
import { noThrowawayTests } from './no-throwaway-tests.ts'

const code = "test('a', () => {})"
const bad = (file: string) => ({
  code,
  filename: `tests/unit/${file}`,
  errors: [{ messageId: 'name', data: { file } }],
})

tester.run('no-throwaway-tests', noThrowawayTests, {
  valid: [
    { code, filename: 'tests/unit/orders.test.ts' },
    { code, filename: 'tests/unit/test-config.test.ts' },
    { code, filename: 'tests/unit/template.test.ts' },
    { code, filename: 'tests/unit/debug-session.test.ts' },
    {
      name: 'a module of that name stands beside it',
      code,
      filename: `${import.meta.dirname}/../testing/../plugin.test.ts`,
    },
    { code, filename: 'debug.test.ts', options: [{ allow: ['debug.*'] }] },
    { code: "describe('a', () => { it.each([1])('b', () => {}) })", filename: 'a.test.ts' },
    { code: "kafkaTest('a', () => {})", filename: 'a.test.ts' },
    {
      name: 'tests that another module defines',
      code: "import { storeContract } from './c.ts'; storeContract(x)",
      filename: 'a.test.ts',
    },
    {
      name: "a rule's tests",
      code: "import { tester } from './t.ts'; tester.run('a', rule, {})",
      filename: 'a.test.ts',
    },
  ],
  invalid: [
    ...[
      'temp',
      'tmp',
      'test',
      'test2',
      'debug',
      'scratch',
      'foo',
      'wip-3',
      'orders-copy',
      'orders copy',
      'orders.bak',
      'old',
      'orders (1)',
    ].map((name) => bad(`${name}.test.ts`)),
    bad('scratch.spec.mjs'),
    { code: 'console.log(await load())', filename: 'a.test.ts', errors: [{ messageId: 'empty' }] },
    { code: 'beforeEach(() => {})', filename: 'a.test.ts', errors: [{ messageId: 'empty' }] },
    { code: '', filename: 'temp.test.ts', errors: [{ messageId: 'name' }, { messageId: 'empty' }] },
  ],
})
