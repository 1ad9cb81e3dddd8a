import { RE2JS } from 're2js'

const compiled = new Map<string, RE2JS | string>()

/**
 * Whether an RE2 expression finds a match anywhere in a text, in time linear in the text. For an expression that can't
 * be read, `problem` says why.
 *
 * @example
 * testPattern('^[0-9]+$', '42') // { matches: true }
 */
export function testPattern(pattern: string, text: string): { readonly matches: boolean; readonly problem?: string } {
  let expression = compiled.get(pattern)
  if (expression === undefined) {
    try {
      expression = RE2JS.compile(pattern)
    } catch (error) {
      expression = (error as Error).message
    }
    if (compiled.size > 1000) compiled.clear()
    compiled.set(pattern, expression)
  }
  if (typeof expression === 'string') return { matches: false, problem: expression }
  return { matches: expression.test(text) }
}
