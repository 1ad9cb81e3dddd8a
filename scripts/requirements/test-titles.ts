import ts from 'typescript'

/** The titles of a test file, and what its templates of titles may be filled with. */
export interface TestTitles {
  /** From the outermost `describe` to the title itself, as they stand in the source. */
  readonly paths: readonly (readonly string[])[]
  readonly literals: ReadonlySet<string>
}

/** `tester.run('rule', …)` is how ESLint's RuleTester names a test. */
const RUNNERS = /^(?:(?:test|it|describe|suite)(?:\..*)?|tester\.run)$/
const PLACEHOLDERS = /\$\{[^}]*\}|%[sdifjoO#$]|\$[a-z]\w*/g

/** Reads the titles of `test`, `it` and `describe`, also of their `each`, `for`, `skipIf` and the like. */
export function readTestTitles(source: string): TestTitles {
  const paths: string[][] = []
  const literals = new Set<string>()
  const visit = (node: ts.Node, parents: readonly string[]): void => {
    if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) literals.add(node.text)
    const title = titleOf(node)
    const path = title === undefined ? parents : [...parents, title]
    if (title !== undefined) paths.push([...path])
    ts.forEachChild(node, (child) => visit(child, path))
  }
  visit(ts.createSourceFile('tests.ts', source, ts.ScriptTarget.Latest), [])
  return { paths, literals }
}

/**
 * Whether a file has a test, or a group of tests, of this title. `group > test` names both. What stands in the place of a
 * placeholder (`%s`, `$name`, `${name}`) has to be a value of the file, or the placeholder as it is written there.
 */
export function hasTitle({ paths, literals }: TestTitles, wanted: string): boolean {
  return paths.some((path) =>
    path.some((_title, index) => {
      const title = path.slice(index).join(' > ')
      return title === wanted || fits(title, wanted, literals)
    }),
  )
}

function fits(title: string, wanted: string, literals: ReadonlySet<string>): boolean {
  const placeholders = title.match(PLACEHOLDERS) ?? []
  const texts = title.split(PLACEHOLDERS)
  /** Whether `rest` is what the placeholder of this number and all behind it may stand for. */
  const restFits = (number: number, rest: string): boolean => {
    const text = texts[number + 1] ?? ''
    const last = number === placeholders.length - 1
    for (let at = last ? rest.length - text.length : rest.indexOf(text, 1); at > 0; at = rest.indexOf(text, at + 1)) {
      const value = rest.slice(0, at)
      const known = value === placeholders[number] || isValue(value, literals)
      if (known && (last ? rest.endsWith(text) : restFits(number + 1, rest.slice(at + text.length)))) return true
      if (last || at === rest.length) return false
    }
    return false
  }
  return placeholders.length > 0 && wanted.startsWith(texts[0] ?? '') && restFits(0, wanted.slice(texts[0]?.length))
}

function isValue(value: string, literals: ReadonlySet<string>): boolean {
  return literals.has(value) || value === 'true' || value === 'false'
}

function titleOf(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || node.arguments.length < 2) return undefined
  const [title] = node.arguments
  if (!title || !RUNNERS.test(nameOf(node.expression))) return undefined
  if (ts.isStringLiteralLike(title)) return title.text
  if (!ts.isTemplateExpression(title)) return undefined
  return (
    title.head.text +
    title.templateSpans.map(({ expression, literal }) => `\${${sourceOf(expression)}}${literal.text}`).join('')
  )
}

/** `test.each` of `test.each([…])('…', …)`. */
function nameOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text
  if (ts.isPropertyAccessExpression(callee)) return `${nameOf(callee.expression)}.${callee.name.text}`
  if (ts.isCallExpression(callee)) return nameOf(callee.expression)
  return ts.isTaggedTemplateExpression(callee) ? nameOf(callee.tag) : ''
}

/** A name as it is written; of anything longer only that there is something. */
function sourceOf(expression: ts.Expression): string {
  return ts.isIdentifier(expression) || ts.isPropertyAccessExpression(expression) ? nameOf(expression) : '…'
}
