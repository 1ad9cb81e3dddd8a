import type { CallDifference, LiveCall, RecordedCall } from './recorded-call.ts'

/** Candidates that are compared at most: the nearest is shown to a person, who waits. */
const MAX_COMPARED = 500

/** The recorded call that differs least: in the fewest fields, of those one of a test under way, of those the first. */
export function findNearest(
  live: LiveCall,
  calls: readonly RecordedCall[],
  tests: readonly string[],
  differ: (call: RecordedCall) => readonly CallDifference[],
  isUsed: (call: RecordedCall) => boolean,
): { readonly nearest?: RecordedCall; readonly differences: readonly CallDifference[] } {
  let best: { call: RecordedCall; differences: readonly CallDifference[]; cost: number } | undefined
  for (const call of calls.slice(0, MAX_COMPARED)) {
    const differences = differ(call)
    const owners = call.tests.map((test) => tests.indexOf(test)).filter((place) => place >= 0)
    // Of calls that differ alike, one that the first of the tests still waits for is what was meant.
    const rank = (owners.length === 0 ? 0.4 : Math.min(...owners) * 0.1) + (isUsed(call) ? 0.05 : 0)
    const cost = differences.reduce((sum, difference) => sum + distance(difference), rank)
    if (best === undefined || cost < best.cost) best = { call, differences, cost }
  }
  if (best === undefined || live.operation === '') return { differences: [] }
  return { nearest: best.call, differences: best.differences }
}

/** Between 0 and 1: texts that begin alike are nearer. */
function distance({ recorded, live }: CallDifference): number {
  if (typeof recorded !== 'string' || typeof live !== 'string') return 1
  const length = Math.max(recorded.length, live.length)
  let same = 0
  while (same < length && recorded[same] === live[same]) same++
  return 1 - (same / length) * 0.9
}
