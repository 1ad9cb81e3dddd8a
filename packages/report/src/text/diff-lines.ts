/** One step of a difference: a line that both sides have, or that only one has. Numbers count lines from 0. */
export type LineEdit =
  | { readonly type: 'same'; readonly left: number; readonly right: number }
  | { readonly type: 'removed'; readonly left: number }
  | { readonly type: 'added'; readonly right: number }

// Past so many edits the middle is shown as replaced: the cost grows with their square, and nobody reads such a difference.
const EDIT_LIMIT = 400

/**
 * The shortest way from one list of lines to another (Myers' algorithm, with a limit on its work).
 *
 * @example
 * diffLines(['a'], ['b']) // [{ type: 'removed', left: 0 }, { type: 'added', right: 0 }]
 */
export function diffLines(left: readonly string[], right: readonly string[]): LineEdit[] {
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1
  let leftEnd = left.length
  let rightEnd = right.length
  while (leftEnd > start && rightEnd > start && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd -= 1
    rightEnd -= 1
  }
  const edits: LineEdit[] = []
  for (let i = 0; i < start; i += 1) edits.push({ type: 'same', left: i, right: i })
  for (const edit of middle(left.slice(start, leftEnd), right.slice(start, rightEnd))) edits.push(shift(edit, start))
  for (let i = 0; leftEnd + i < left.length; i += 1) {
    edits.push({ type: 'same', left: leftEnd + i, right: rightEnd + i })
  }
  return edits
}

function shift(edit: LineEdit, by: number): LineEdit {
  if (edit.type === 'same') return { type: 'same', left: edit.left + by, right: edit.right + by }
  if (edit.type === 'removed') return { type: 'removed', left: edit.left + by }
  return { type: 'added', right: edit.right + by }
}

function middle(left: readonly string[], right: readonly string[]): LineEdit[] {
  const trace = left.length > 0 && right.length > 0 ? search(left, right) : undefined
  return trace ? walkBack(trace, left.length, right.length) : replaced(left.length, right.length)
}

function replaced(left: number, right: number): LineEdit[] {
  const edits: LineEdit[] = []
  for (let i = 0; i < left; i += 1) edits.push({ type: 'removed', left: i })
  for (let i = 0; i < right; i += 1) edits.push({ type: 'added', right: i })
  return edits
}

/** For each number of edits, how far each diagonal gets; undefined past the limit. */
function search(left: readonly string[], right: readonly string[]): Int32Array[] | undefined {
  const most = Math.min(left.length + right.length, EDIT_LIMIT)
  const middleAt = most + 1
  const reach = new Int32Array(2 * most + 3)
  const trace: Int32Array[] = []
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reach.slice(middleAt - edits - 1, middleAt + edits + 2))
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = stepsDown(reach, middleAt + diagonal, diagonal, edits)
      let x = down ? at(reach, middleAt + diagonal + 1) : at(reach, middleAt + diagonal - 1) + 1
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x += 1
      reach[middleAt + diagonal] = x
      if (x >= left.length && x - diagonal >= right.length) return trace
    }
  }
  return undefined
}

function stepsDown(reach: Int32Array, index: number, diagonal: number, edits: number): boolean {
  return diagonal === -edits || (diagonal !== edits && at(reach, index - 1) < at(reach, index + 1))
}

function at(reach: Int32Array, index: number): number {
  return reach[index] ?? 0
}

function walkBack(trace: readonly Int32Array[], leftLength: number, rightLength: number): LineEdit[] {
  const edits: LineEdit[] = []
  let x = leftLength
  let y = rightLength
  for (let step = trace.length - 1; step >= 0; step -= 1) {
    const reach = trace[step] ?? new Int32Array(0)
    const diagonal = x - y
    const index = diagonal + step + 1
    const down = stepsDown(reach, index, diagonal, step)
    const fromDiagonal = down ? diagonal + 1 : diagonal - 1
    const fromX = step === 0 ? 0 : at(reach, fromDiagonal + step + 1)
    const fromY = step === 0 ? 0 : fromX - fromDiagonal
    while (x > fromX && y > fromY) {
      x -= 1
      y -= 1
      edits.push({ type: 'same', left: x, right: y })
    }
    if (step === 0) break
    if (down) edits.push({ type: 'added', right: fromY })
    else edits.push({ type: 'removed', left: fromX })
    x = fromX
    y = fromY
  }
  return edits.toReversed()
}
