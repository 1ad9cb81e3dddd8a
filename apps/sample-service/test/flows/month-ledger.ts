import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/**
 * Adds what a run spent to a file of lines like `2026-01-12 0.0123`, and says what its month came to. Without a file only
 * this run is known.
 */
export function spentThisMonth(file: string | undefined, spentUsd: number, now = new Date()): number {
  if (file === undefined || file === '') return spentUsd
  const day = now.toISOString().slice(0, 10)
  appendFileSync(file, `${day} ${spentUsd}\n`)
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  return lines
    .filter((line) => line.startsWith(day.slice(0, 7)))
    .reduce((sum, line) => sum + (Number(line.split(' ')[1]) || 0), 0)
}
