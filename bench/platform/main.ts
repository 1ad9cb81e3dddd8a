import { loadavg } from 'node:os'

import type { Row } from '../row.ts'
import { embeddedRows, gatewayRows } from './messages.ts'
import { startServices, type Services } from './services.ts'
import { socketRows } from './sockets.ts'
import { startRows } from './start.ts'

/** The platform of `apps/sample-service`, built, each service in a process of its own. Needs what `scripts/services/prepare.sh` brings. */
export async function run(): Promise<Row[]> {
  const [load = 0] = loadavg()
  if (load > 1)
    console.error(`The machine is busy (load ${load.toFixed(1)}): do not trust the figures of the platform.`)
  const wanted = process.env['KEPLOY_BENCH_PARTS']?.split(',')
  const rows: Row[] = []
  for (const [name, part] of Object.entries(PARTS)) if (!wanted || wanted.includes(name)) rows.push(...(await part()))
  return rows
}

const PARTS = {
  start: startRows,
  embedded: embeddedRows,
  gateway: () => withServices(gatewayRows),
  sockets: () => withServices(socketRows),
}

async function withServices(measure: (services: Services) => Promise<Row[]>): Promise<Row[]> {
  const services = await startServices()
  try {
    return await measure(services)
  } finally {
    await services[Symbol.asyncDispose]()
  }
}
