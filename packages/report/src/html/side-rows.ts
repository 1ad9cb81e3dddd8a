import type { ResponseSnapshot, TestResult } from '@keploy-framework/format'

import { diffLines } from '../text/diff-lines.ts'
import { visibleKeepingTabs } from '../text/visible.ts'
import { inOrderOf, jsonLines, parseJsonNode, type PathLine } from './json-lines.ts'

/** A row of the side-by-side view. `allowed`: the two differ, and no failure speaks of it. */
export type SideRow = readonly [
  kind: 'same' | 'changed' | 'removed' | 'added' | 'allowed',
  left: string,
  right?: string,
]

/** A part of the side-by-side view: status, headers or body. */
export interface SidePart {
  readonly title: string
  readonly rows: readonly SideRow[]
}

const LINES = 1000

/** Both sides of a test, row by row; undefined when one of them is not known. */
export function sideParts(test: TestResult): SidePart[] | undefined {
  const { expected, actual } = test
  if (!expected || !actual) return undefined
  const failing = failingPaths(test)
  const [left, right] = bodies(expected, actual)
  const parts = [
    { title: 'Status', rows: rows([statusLine(expected)], [statusLine(actual)], failing) },
    { title: 'Headers', rows: headerRows(expected, actual, failing) },
    { title: 'Body', rows: rows(left, right, failing) },
  ]
  return parts.filter((part) => part.rows.length > 0)
}

function statusLine({ status }: ResponseSnapshot): PathLine {
  return { text: String(status), path: 'status' }
}

type Failing = (path: string) => boolean

// A failure covers its own path and everything below it; a rule that names a path exactly takes it out again.
function failingPaths(test: TestResult): Failing {
  const failed = test.failures.map(({ path }) => path.toLowerCase())
  const ruled = new Set(test.rules.map(({ path }) => path.toLowerCase()))
  return (path) => {
    const wanted = path.toLowerCase()
    if (failed.includes(wanted)) return true
    if (ruled.has(wanted)) return false
    return failed.some((above) => above === '' || wanted.startsWith(`${above}.`) || wanted.startsWith(`${above}[`))
  }
}

function bodies(expected: ResponseSnapshot, actual: ResponseSnapshot): [PathLine[], PathLine[]] {
  const left = parseJsonNode(expected.body)
  const right = parseJsonNode(actual.body)
  return [
    left ? jsonLines(left, 'body') : textLines(expected.body),
    right ? jsonLines(inOrderOf(right, left), 'body') : textLines(actual.body),
  ]
}

function textLines(text: string): PathLine[] {
  return text === '' ? [] : text.split(/\r?\n/).map((line) => ({ text: line, path: 'body' }))
}

function headerRows(expected: ResponseSnapshot, actual: ResponseSnapshot, failing: Failing): SideRow[] {
  const lines = (side: ResponseSnapshot) =>
    side.headers
      .map(([name, value]): PathLine => ({ text: `${name.toLowerCase()}: ${value}`, path: `header.${name}` }))
      .sort((a, b) => (a.path.toLowerCase() < b.path.toLowerCase() ? -1 : 1))
  return rows(lines(expected), lines(actual), failing, true)
}

function rows(
  allLeft: readonly PathLine[],
  allRight: readonly PathLine[],
  failing: Failing,
  byPath = false,
): SideRow[] {
  const left = allLeft.slice(0, LINES)
  const right = allRight.slice(0, LINES)
  const result: SideRow[] = []
  let removed: PathLine[] = []
  let added: PathLine[] = []
  const flush = () => {
    result.push(...(byPath ? pairByPath(removed, added, failing) : pairInOrder(removed, added, failing)))
    removed = []
    added = []
  }
  const edits = diffLines(
    left.map(({ text }) => text),
    right.map(({ text }) => text),
  )
  for (const edit of edits) {
    if (edit.type === 'removed') removed.push(left[edit.left] as PathLine)
    else if (edit.type === 'added') added.push(right[edit.right] as PathLine)
    else {
      flush()
      result.push(['same', visibleKeepingTabs(left[edit.left]?.text ?? '')])
    }
  }
  flush()
  const cut = Math.max(allLeft.length, allRight.length) - LINES
  if (cut > 0) result.push(['same', `… ${cut} more lines`])
  return result
}

function pairInOrder(removed: readonly PathLine[], added: readonly PathLine[], failing: Failing): SideRow[] {
  return Array.from({ length: Math.max(removed.length, added.length) }, (_, index) =>
    row(removed[index], added[index], failing),
  )
}

function pairByPath(removed: readonly PathLine[], added: readonly PathLine[], failing: Failing): SideRow[] {
  const left = [...removed]
  const result: SideRow[] = []
  for (const line of added) {
    const at = left.findIndex(({ path }) => path.toLowerCase() === line.path.toLowerCase())
    result.push(row(at === -1 ? undefined : left.splice(at, 1)[0], line, failing))
  }
  return [...result, ...left.map((line) => row(line, undefined, failing))]
}

function row(left: PathLine | undefined, right: PathLine | undefined, failing: Failing): SideRow {
  const texts = [visibleKeepingTabs(left?.text ?? ''), visibleKeepingTabs(right?.text ?? '')] as const
  const fails = (left !== undefined && failing(left.path)) || (right !== undefined && failing(right.path))
  // The last member of an object loses its comma when another follows: that is no difference in the value.
  const commaOnly = texts[0].replace(/,$/, '') === texts[1].replace(/,$/, '')
  if (left && right && commaOnly) return ['same', texts[0]]
  if (!fails) return ['allowed', ...texts]
  if (left && right) return ['changed', ...texts]
  return [left ? 'removed' : 'added', ...texts]
}
