const CONTEXT = 3
const MAX_LINES = 3_000

interface Line {
  readonly kind: ' ' | '-' | '+'
  readonly text: string
  readonly before: number
  readonly after: number
}

/**
 * The difference of two texts in the unified form of `diff -u`; empty when there is none.
 *
 * @example
 * unifiedDiff('keploy.yml', 'port: 1\n', 'port: 2\n')
 */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return ''
  const lines = compare(split(before), split(after))
  const changed = lines.flatMap((line, index) => (line.kind === ' ' ? [] : [index]))
  const hunks: [number, number][] = []
  for (const index of changed) {
    const from = Math.max(0, index - CONTEXT)
    const to = Math.min(lines.length, index + CONTEXT + 1)
    const last = hunks.at(-1)
    if (last && from <= last[1]) last[1] = to
    else hunks.push([from, to])
  }
  const body = hunks.map(([from, to]) => {
    const part = lines.slice(from, to)
    const first = part[0]
    const old = part.filter((line) => line.kind !== '+').length
    const fresh = part.filter((line) => line.kind !== '-').length
    const head = `@@ -${start(first?.before ?? 0, old)},${old} +${start(first?.after ?? 0, fresh)},${fresh} @@\n`
    return (
      head +
      part
        .map((line) => `${line.kind}${line.text}${line.text.endsWith('\n') ? '' : '\n\\ No newline at end of file\n'}`)
        .join('')
    )
  })
  return `--- ${name}\n+++ ${name} (proposed)\n${body.join('')}`
}

function start(index: number, length: number): number {
  return length === 0 ? index : index + 1
}

function split(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

/** The longest common subsequence, after equal beginnings and ends; texts of unusual length are replaced as a whole. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail += 1
  const rows = before.length - head - tail
  const columns = after.length - head - tail
  const width = columns + 1
  const small = rows <= MAX_LINES && columns <= MAX_LINES
  const lengths = new Uint32Array(small ? (rows + 1) * width : 0)
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0
  if (small) {
    for (let row = rows - 1; row >= 0; row -= 1) {
      for (let column = columns - 1; column >= 0; column -= 1) {
        const same = before[head + row] === after[head + column]
        lengths[row * width + column] = same
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
      }
    }
  }
  const lines: Line[] = []
  let row = 0
  let column = 0
  const push = (kind: Line['kind'], text: string): void => {
    lines.push({ kind, text, before: row, after: column })
    if (kind !== '+') row += 1
    if (kind !== '-') column += 1
  }
  while (row < head) push(' ', before[row] ?? '')
  while (row < head + rows || column < head + columns) {
    const old = before[row]
    const fresh = after[column]
    const inRows = row < head + rows
    const inColumns = column < head + columns
    if (small && inRows && inColumns && old === fresh) push(' ', old ?? '')
    else if (inRows && (!inColumns || at(row - head + 1, column - head) >= at(row - head, column - head + 1)))
      push('-', old ?? '')
    else push('+', fresh ?? '')
  }
  while (row < before.length) push(' ', before[row] ?? '')
  return lines
}
