import { tester } from '../testing/rule-tester.ts'
import { oneCategory } from './one-category.ts'

const code = "test('a', () => {})"
// Vitest would read it as a tag of this file.
const moduleTag = ['@module', 'tag'].join('-')
const settings = (value: object) => ({ settings: { 'keploy-framework': value } })

tester.run('one-category', oneCategory, {
  valid: [
    { code, filename: 'tests/unit/a.test.ts' },
    { code, filename: 'tests/mission-critical/a.test.ts' },
    { code, filename: 'e2e/a.test.ts' },
    { code, filename: 'src/a.integration.test.ts' },
    { code: `/** @category performance */\nimport a from 'a'\n${code}`, filename: 'src/a.test.ts' },
    { code: `import a from 'a'\n// ${moduleTag} e2e\n${code}`, filename: 'src/a.test.ts' },
    { name: 'header and folder agree', code: `/** @category e2e */\n${code}`, filename: 'tests/e2e/a.test.ts' },
    { name: 'a folder of sources', code: `/** @category unit */\n${code}`, filename: 'src/performance/a.test.ts' },
    { code, filename: 'src/a.test.ts', ...settings({ categories: { unit: 'src/**' } }) },
    {
      name: 'globs before folders',
      code,
      filename: 'tests/e2e/a.test.ts',
      ...settings({ categories: { unit: ['tests/e2e/a.*'] } }),
    },
    { code, filename: 'src/a.test.ts', ...settings({ defaultCategory: 'unit' }) },
    { code, filename: 'tests/e2e/a.test.ts', ...settings({ defaultCategory: 'unit' }) },
    { code: "test('a', { tags: ['unit', 'slow'] }, () => {})", filename: 'tests/unit/a.test.ts' },
  ],
  invalid: [
    { code, filename: 'src/a.test.ts', errors: [{ messageId: 'none' }] },
    {
      name: 'a comment further down',
      code: `${code}\n/** @category e2e */`,
      filename: 'src/a.test.ts',
      errors: [{ messageId: 'none' }],
    },
    {
      code: `/** @category unit */\n${code}`,
      filename: 'tests/e2e/a.test.ts',
      errors: [{ messageId: 'several', data: { found: 'unit (@category unit), e2e (the folder e2e/)' } }],
    },
    { code, filename: 'tests/unit/a.e2e.test.ts', errors: [{ messageId: 'several' }] },
    {
      code,
      filename: 'src/a.test.ts',
      ...settings({ categories: { unit: 'src/**', e2e: ['**/a.*'] } }),
      errors: [{ messageId: 'several', data: { found: 'unit (the glob src/**), e2e (the glob **/a.*)' } }],
    },
    {
      code: "test('a', { tags: ['mission_critical'] }, () => {})",
      filename: 'tests/unit/a.test.ts',
      errors: [{ messageId: 'tag', data: { tag: 'mission_critical', category: 'unit' } }],
    },
    { code: "test('a', { tag: '@e2e' }, () => {})", filename: 'tests/unit/a.test.ts', errors: [{ messageId: 'tag' }] },
  ],
})
