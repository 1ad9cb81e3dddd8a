import { fileURLToPath } from 'node:url'

import { withProcess, type BenchProcess } from '../tap/process.ts'
import type { ClientResult, ClientWork } from './client.ts'

export const ROUNDS: number = Number(process.env['KEPLOY_BENCH_ROUNDS'] ?? 3)
export const SECONDS: number = Number(process.env['KEPLOY_BENCH_SECONDS'] ?? 2)

/** A file of this folder. */
export function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

/** Microseconds of the processor that a process has used. */
export async function cpuOf(worker: BenchProcess): Promise<number> {
  const { cpu } = await worker.ask<{ cpu: NodeJS.CpuUsage }>({})
  return cpu.user + cpu.system
}

/** Lets a client ask, in a process of its own with these variables. */
export function ask(work: ClientWork, env: Readonly<Record<string, string>> = {}): Promise<ClientResult> {
  return withProcess(here('client.ts'), { env }, async (client) => await client.ask<ClientResult>(work))
}
