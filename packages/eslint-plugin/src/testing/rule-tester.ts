import parser from '@typescript-eslint/parser'
import { RuleTester } from 'eslint'
import { describe, test } from 'vitest'

RuleTester.describe = describe
RuleTester.it = test

/** ESLint's own tester, with the parser that users of TypeScript have. */
export const tester = new RuleTester({ languageOptions: { parser, ecmaVersion: 2024, sourceType: 'module' } })

/** The name of a test file of a category, for a case of {@link tester}. */
export function fileOf(category: string): { filename: string } {
  return { filename: `tests/${category}/orders.test.ts` }
}
