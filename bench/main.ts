import { writeFile } from 'node:fs/promises'
import { cpus, totalmem, type as osType } from 'node:os'
import { fileURLToPath } from 'node:url'

import type { Row } from './row.ts'

const AREAS: Readonly<Record<string, () => Promise<{ run(): Promise<Row[]> }>>> = {
  startup: () => import('./startup.ts'),
  compare: () => import('./compare/main.ts'),
  replay: () => import('./replay/main.ts'),
  tap: () => import('./tap/main.ts'),
  fixtures: () => import('./fixtures/main.ts'),
  dependencies: () => import('./dependencies/main.ts'),
  platform: () => import('./platform/main.ts'),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(AREAS, name))
if (unknown.length > 0) {
  console.error(`There is no benchmark named ${unknown.join(', ')}. There are: ${Object.keys(AREAS).join(', ')}.`)
  process.exit(2)
}

const rows: Row[] = []
for (const [name, load] of Object.entries(AREAS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`Measuring ${name}…`)
  rows.push(...(await (await load()).run()))
}
const report = render(rows)
console.log(report)
if (wanted.length === 0) await writeFile(fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)), report)

function render(all: readonly Row[]): string {
  const cpu = cpus()
  const machine = `${cpu.length} × ${cpu[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${osType()}, Node ${process.versions.node}`
  const lines = all.map((row) => {
    const ratio = row.ratio === undefined ? '' : row.ratio >= 100 ? row.ratio.toFixed(0) : row.ratio.toFixed(2)
    const verdict = row.met === undefined ? '' : row.met ? 'met' : '**missed**'
    return `| ${row.area} | ${row.what} | ${row.ours} | ${row.peer} | ${ratio} | ${row.bar ?? ''} | ${verdict} |`
  })
  return [
    '# Benchmarks',
    '',
    'Written by `pnpm bench`. Both sides of a row were measured in one run on the same work; read the ratios, because machines differ.',
    '',
    `Machine: ${machine}. Date: ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| area | what | ours | beside | ratio | bar | verdict |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}
