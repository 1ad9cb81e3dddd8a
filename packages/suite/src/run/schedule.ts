import type { Part } from '../plan/plan-parts.ts'

/**
 * Runs parts in their order, so many at once. A part that runs alone waits until nothing else runs.
 *
 * @param run is called for every part; after `stopped()` it has to say what becomes of the rest
 */
export async function schedule(
  parts: readonly Part[],
  parallel: number,
  run: (part: Part) => Promise<void>,
): Promise<void> {
  const waiting = parts.filter((part) => !part.alone)
  const worker = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) await run(part)
  }
  const workers = Array.from({ length: Math.max(1, Math.min(parallel, waiting.length)) }, worker)
  // All of them end before an error goes on: none is left running behind it.
  const ends = await Promise.allSettled(workers)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  for (const part of parts) if (part.alone) await run(part)
}
