import { align } from './align.ts'
import type { Session } from './session.ts'
import { show } from './show-value.ts'

/**
 * Compares two texts line by line, white space included; a line that was put in is one failure. Used for plain text,
 * HTML, XML and whatever else is not structured for us.
 */
export function compareText(session: Session, expected: string, actual: string): void {
  const recorded = expected.split('\n')
  const live = actual.split('\n')
  const lineDiffers = (a: number, b: number): string | undefined => {
    const [left, right] = [recorded[a] as string, live[b] as string]
    if (left === right && !session.watching) return undefined
    return session.differs(left, right, { where: `body line ${a + 1}` })
  }
  const same = (a: number, b: number): boolean => {
    const mark = session.mark()
    const equal = lineDiffers(a, b) === undefined
    if (!equal) session.rollback(mark)
    return equal
  }
  const steps = align({
    expected: recorded.length,
    actual: live.length,
    same,
    expectedPrint: (index) => recorded[index] as string,
    actualPrint: (index) => live[index] as string,
    likeness: (a, b) => wordLikeness(recorded[a] as string, live[b] as string),
  })
  for (const step of steps) {
    const line = (step.expected ?? step.actual ?? 0) + 1
    const path = `body line ${line}`
    const left = step.expected === undefined ? undefined : recorded[step.expected]
    const right = step.actual === undefined ? undefined : live[step.actual]
    if (left === undefined) fail(session, path, { actual: right }, `Line ${line} was added: got ${show(right)}.`)
    else if (right === undefined)
      fail(session, path, { expected: left }, `Line ${line} is missing: expected ${show(left)}.`)
    else {
      const reason = lineDiffers(step.expected as number, step.actual as number)
      if (reason === undefined) continue
      const because = reason === '' ? '' : `: ${reason}`
      const got = left.includes('{{secret.') ? '(hidden)' : right
      fail(
        session,
        path,
        { expected: left, actual: got },
        `Line ${line} is ${show(got)} where ${show(left)} was recorded${because}.`,
      )
    }
  }
}

function fail(session: Session, path: string, values: { expected?: unknown; actual?: unknown }, message: string): void {
  session.fail({ kind: 'body', path, ...values, message })
}

/** The share of words that two lines have in common, by position from both ends. */
function wordLikeness(a: string, b: string): number {
  if (a === b) return 1
  const [left, right] = [a.split(/\s+/, 200), b.split(/\s+/, 200)]
  const words = new Set(left)
  const common = right.filter((word) => words.has(word)).length
  return common / Math.max(left.length, right.length)
}
