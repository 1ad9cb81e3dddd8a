import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { HISTORY_RUNS } from '../defaults.ts'

/** One test of one run. */
export interface HistoryTest {
  /** See `fileId`. */
  readonly file: string
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly ms: number
}

/** What is remembered of a run. */
export interface HistoryRun {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The same for the same sources; absent where it is not known. */
  readonly revision?: string
  /** What each file cost, in milliseconds, by its id. */
  readonly costs: Readonly<Record<string, number>>
  readonly tests: readonly HistoryTest[]
}

const NAME = /^(\d{15})-[\w-]+\.jsonl$/

/**
 * Keeps a run: one file of JSON lines, written whole, and the oldest ones removed. Two runs at once write two files.
 *
 * @param folder is made when it is not there
 */
export async function addToHistory(folder: string, run: HistoryRun): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { tests, ...head } = run
  const lines = [{ v: 1, ...head }, ...tests].map((line) => `${JSON.stringify(line)}\n`)
  const name = `${String(Math.max(0, Math.trunc(run.at))).padStart(15, '0')}-${process.pid}-${randomUUID().slice(0, 8)}.jsonl`
  const temporary = join(folder, `.${name}.tmp`)
  try {
    await writeFile(temporary, lines.join(''))
    await rename(temporary, join(folder, name))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  const names = await runNames(folder)
  for (const old of names.slice(0, Math.max(0, names.length - HISTORY_RUNS)))
    await rm(join(folder, old), { force: true })
}

/** The runs that are remembered, oldest first. What is damaged, or gone by now, is passed over. */
export async function readHistory(folder: string): Promise<HistoryRun[]> {
  const runs: HistoryRun[] = []
  for (const name of (await runNames(folder)).slice(-HISTORY_RUNS)) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '')
    const run = readRun(text)
    if (run !== undefined) runs.push(run)
  }
  return runs
}

async function runNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => NAME.test(name)).toSorted()
}

function readRun(text: string): HistoryRun | undefined {
  const [head, ...rest] = text.split('\n').map(parse)
  if (head === undefined || head['v'] !== 1 || typeof head['at'] !== 'number') return undefined
  const written = head['costs']
  const costs: Record<string, number> = Object.create(null) as Record<string, number>
  if (typeof written === 'object' && written !== null) {
    for (const [file, cost] of Object.entries(written)) {
      if (typeof cost === 'number' && Number.isFinite(cost)) costs[file] = cost
    }
  }
  const tests = rest.flatMap((line): HistoryTest[] => {
    const { file, name, status, ms } = line ?? {}
    const known = status === 'passed' || status === 'failed' || status === 'skipped'
    return typeof file === 'string' && typeof name === 'string' && known && typeof ms === 'number'
      ? [{ file, name, status, ms }]
      : []
  })
  const revision = head['revision']
  return { at: head['at'], ...(typeof revision === 'string' && { revision }), costs, tests }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(line) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
