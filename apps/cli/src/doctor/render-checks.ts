import type { Check } from './check.ts'
import { wrap } from './wrap.ts'

/** Standard width of a terminal; the table never needs more. */
const WIDTH = 80
const SIGNS: Readonly<Record<Check['status'], string>> = { ok: 'ok', warn: 'warn', fail: 'FAIL' }

/** The checks as a table of at most 80 columns. */
export function renderChecks(checks: readonly Check[]): string {
  const names = Math.max(...checks.map((check) => check.name.length))
  const margin = ' '.repeat(names + 8)
  const lines = checks.flatMap((check) => {
    const head = `${SIGNS[check.status].padEnd(6)}${check.name.padEnd(names)}  `
    const message = wrap(check.message, WIDTH - margin.length)
    const fix = check.fix === undefined ? [] : wrap(`→ ${check.fix}`, WIDTH - margin.length)
    return [...message, ...fix].map((line, index) => (index === 0 ? head : margin) + line)
  })
  return `${lines.join('\n')}\n`
}
