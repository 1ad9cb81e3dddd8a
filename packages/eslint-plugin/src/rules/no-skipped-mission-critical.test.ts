import { fileOf, tester } from '../testing/rule-tester.ts'
import { noSkippedMissionCritical } from './no-skipped-mission-critical.ts'

const critical = fileOf('mission_critical')
const unit = fileOf('unit')
const removed = (modifier: string, output: string) => ({ messageId: 'remove', data: { modifier }, output })
const tagged = "test('pays', { tags: ['mission_critical'] }, () => {})"

tester.run('no-skipped-mission-critical', noSkippedMissionCritical, {
  valid: [
    { code: "test('a', () => {}); describe('b', () => {})", ...critical },
    { code: "test.skip('a', () => {}); test.only('b', () => {})", ...unit },
    { code: `${tagged}; test.skip('a', () => {})`, ...unit },
    { code: "test('a', { skip: false }, () => {})", ...critical },
    { code: "test('a', () => { stream.skip(1) })", ...critical },
  ],
  invalid: [
    {
      code: "test.skip('a', () => {})",
      ...critical,
      errors: [
        { messageId: 'skipped', data: { how: 'test.skip' }, suggestions: [removed('skip', "test('a', () => {})")] },
      ],
    },
    {
      code: "describe.only.each([1])('a', () => {})",
      ...critical,
      errors: [{ messageId: 'only', suggestions: [removed('only', "describe.each([1])('a', () => {})")] }],
    },
    { code: "test.skipIf(slow)('a', () => {})", ...critical, errors: [{ messageId: 'skipped' }] },
    { code: "test.runIf(fast)('a', () => {})", ...critical, errors: [{ messageId: 'skipped' }] },
    { code: "xit('a', () => {})", ...critical, errors: [{ messageId: 'skipped' }] },
    {
      code: "test('a', { skip: slow }, () => {})",
      ...critical,
      errors: [{ messageId: 'skipped', data: { how: 'skip' } }],
    },
    { code: "test.todo('a')", ...critical, errors: [{ messageId: 'skipped', suggestions: 1 }] },
    {
      code: "test('a', (ctx) => { ctx.skip() })",
      ...critical,
      errors: [{ messageId: 'skipped', data: { how: 'ctx.skip' } }],
    },
    {
      code: "test('a', ({ skip }) => { skip() })",
      ...critical,
      errors: [{ messageId: 'skipped', data: { how: 'skip' } }],
    },
    { code: "test('a', { skip: true, tags: ['no_skip'] }, () => {})", ...unit, errors: [{ messageId: 'skipped' }] },
    { code: `describe.skip('all', () => { ${tagged} })`, ...unit, errors: [{ messageId: 'skipped', suggestions: 1 }] },
    {
      code: `describe('all', { tags: ['no_skip'] }, () => { it.skip('a', () => {}) })`,
      ...unit,
      errors: [{ messageId: 'skipped', suggestions: 1 }],
    },
    { code: `${tagged}; test.only('a', () => {})`, ...unit, errors: [{ messageId: 'only', suggestions: 1 }] },
    {
      code: "test.skip('pays @mission-critical', () => {})",
      ...unit,
      errors: [{ messageId: 'skipped', suggestions: 1 }],
    },
    {
      code: "test.skip('pays', { tags: ['vital'] }, () => {})",
      options: [{ tags: ['vital'] }],
      ...unit,
      errors: [{ messageId: 'skipped', suggestions: 1 }],
    },
  ],
})
