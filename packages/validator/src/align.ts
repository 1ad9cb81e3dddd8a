/** One step of an alignment: an element of both sides, of the recorded one only, or of the live one only. */
export interface AlignStep {
  readonly expected?: number
  readonly actual?: number
}

/** What alignment has to know about two sequences. */
export interface Sequences {
  readonly expected: number
  readonly actual: number
  /** Whether two elements are the same. */
  same(expected: number, actual: number): boolean
  /** Equal for elements that are probably the same. */
  expectedPrint(index: number): string
  actualPrint(index: number): string
  /** How alike two different elements are, 0 to 1; below one half they are not the same element changed. */
  likeness(expected: number, actual: number): number
}

/** Beyond this many pairs, elements between two anchors are paired by their position. */
const MAX_PAIRS = 2500

/**
 * Aligns two sequences so that an inserted element is one step, not a shift of everything after it: the same beginning
 * and end first, then elements whose print is unique on both sides, then the most alike in between. Takes time in
 * proportion to the length, but for small gaps.
 */
export function align(sequences: Sequences): AlignStep[] {
  let start = 0
  let endExpected = sequences.expected
  let endActual = sequences.actual
  while (start < endExpected && start < endActual && sequences.same(start, start)) start++
  while (endExpected > start && endActual > start && sequences.same(endExpected - 1, endActual - 1)) {
    endExpected--
    endActual--
  }
  const steps: AlignStep[] = []
  let expected = start
  let actual = start
  for (const anchor of [...anchors(sequences, start, endExpected, endActual), [endExpected, endActual] as const]) {
    fillGap(sequences, [expected, anchor[0]], [actual, anchor[1]], steps)
    if (anchor[0] < endExpected) steps.push({ expected: anchor[0], actual: anchor[1] })
    expected = anchor[0] + 1
    actual = anchor[1] + 1
  }
  return steps
}

/** Pairs of elements whose print stands once on each side, in rising order on both. */
function anchors(
  sequences: Sequences,
  start: number,
  endExpected: number,
  endActual: number,
): (readonly [number, number])[] {
  if (start === endExpected || start === endActual) return []
  const places = new Map<string, { expected: number; actual: number; count: number }>()
  for (let index = start; index < endExpected; index++) {
    const print = sequences.expectedPrint(index)
    const place = places.get(print)
    if (place === undefined) places.set(print, { expected: index, actual: -1, count: 1 })
    else place.count = 3
  }
  for (let index = start; index < endActual; index++) {
    const place = places.get(sequences.actualPrint(index))
    if (place === undefined) continue
    place.actual = index
    place.count++
  }
  const pairs = [...places.values()].filter(({ count }) => count === 2).filter(({ actual }) => actual >= 0)
  return rising(pairs.map(({ expected, actual }) => [expected, actual] as const))
}

/** The longest run of pairs that rises on the live side too (they rise on the recorded one). */
function rising(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = []
  const before: number[] = []
  for (const [index, pair] of pairs.entries()) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[tails[middle] as number] as readonly [number, number])[1] < pair[1]) low = middle + 1
      else high = middle
    }
    before[index] = low === 0 ? -1 : (tails[low - 1] as number)
    tails[low] = index
  }
  const result: (readonly [number, number])[] = []
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] as number) {
    result.push(pairs[index] as readonly [number, number])
  }
  return result.reverse()
}

type Range = readonly [start: number, end: number]

function fillGap(sequences: Sequences, expected: Range, actual: Range, steps: AlignStep[]): void {
  const rows = expected[1] - expected[0]
  const columns = actual[1] - actual[0]
  const pairs = rows * columns > MAX_PAIRS ? [] : bestPairs(sequences, expected, actual)
  let row = expected[0]
  let column = actual[0]
  for (const [nextRow, nextColumn] of [...pairs, [expected[1], actual[1]] as const]) {
    // What is alike to nothing is taken for changed as long as both sides have something left.
    while (row < nextRow || column < nextColumn) {
      if (row < nextRow && column < nextColumn) steps.push({ expected: row++, actual: column++ })
      else if (row < nextRow) steps.push({ expected: row++ })
      else steps.push({ actual: column++ })
    }
    if (row < expected[1] && column < actual[1]) steps.push({ expected: row++, actual: column++ })
  }
}

/** The pairs, in order, with the greatest sum of likeness. */
function bestPairs(sequences: Sequences, expected: Range, actual: Range): (readonly [number, number])[] {
  const rows = expected[1] - expected[0]
  const columns = actual[1] - actual[0]
  const width = columns + 1
  const best = new Float64Array((rows + 1) * width)
  const likeness = new Float64Array(rows * columns)
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const value = sequences.likeness(expected[0] + row, actual[0] + column)
      likeness[row * columns + column] = value
      const paired = value >= 0.5 ? value + (best[(row + 1) * width + column + 1] as number) : 0
      best[row * width + column] = Math.max(
        paired,
        best[(row + 1) * width + column] as number,
        best[row * width + column + 1] as number,
      )
    }
  }
  const pairs: (readonly [number, number])[] = []
  for (let row = 0, column = 0; row < rows && column < columns;) {
    const value = likeness[row * columns + column] as number
    const here = best[row * width + column] as number
    if (value >= 0.5 && here === value + (best[(row + 1) * width + column + 1] as number)) {
      pairs.push([expected[0] + row++, actual[0] + column++])
    } else if (here === best[(row + 1) * width + column]) row++
    else column++
  }
  return pairs
}
