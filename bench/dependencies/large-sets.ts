import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Row } from '../row.ts'
import { withProcess } from '../tap/process.ts'
import type { LoadAnswer } from './load-worker.ts'
import { writeMocks } from './write-mocks.ts'

const MB = 1_000_000

async function load(documents: number, bytes: number): Promise<LoadAnswer & { readonly bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'keploy-bench-mocks-'))
  try {
    const written = await writeMocks(folder, { documents, bytes })
    return await withProcess(fileURLToPath(new URL('load-worker.ts', import.meta.url)), {}, async (worker) => {
      await worker.ask()
      const answer = await worker.ask<LoadAnswer>({ folder, asked: written.middle })
      console.error(`${documents} documents:`, JSON.stringify(answer))
      if (!answer.right || answer.problems > 0) throw new Error(`a set of ${documents} mocks was not read right`)
      return { ...answer, bytes: written.bytes }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Large sets of mocks, from the start of loading to the first answer. */
export async function run(): Promise<Row[]> {
  const rows: Row[] = []
  for (const { documents, bytes, bar } of [
    { documents: 15_000, bytes: 180 * MB, bar: true },
    { documents: 100_000, bytes: 180 * MB, bar: false },
  ]) {
    const result = await load(documents, bytes)
    const size = Math.round(result.bytes / MB)
    const what = `${size} MB of mocks, ${documents.toLocaleString('en')} documents`
    rows.push({
      area: 'dependencies',
      what: `${what}: the first answer is there`,
      ours: `${(result.readyMs / 1000).toFixed(2)} s`,
      peer: `time of the processor: ${(result.cpuMs / 1000).toFixed(2)} s; of it the first answer: ${result.firstMs.toFixed(0)} ms`,
      ...(bar && { bar: '<= 3 s', met: result.readyMs <= 3000 }),
    })
    const ratio = result.peak / result.bytes
    rows.push({
      area: 'dependencies',
      what: `${what}: memory at its peak, beyond the process without them`,
      ours: `${Math.round(result.peak / MB)} MB`,
      peer: `the files: ${size} MB`,
      ratio,
      ...(bar && { bar: '<= 1.5', met: ratio <= 1.5 }),
    })
  }
  return rows
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await run())
