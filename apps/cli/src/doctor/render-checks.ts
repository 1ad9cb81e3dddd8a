import type { Check } from './check.ts'

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

/** Breaks at spaces; a longer word is broken where it must be. Control characters of file names are made visible. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  // eslint-disable-next-line no-control-regex
  for (const word of text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .split(/ +/)) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length > width) {
      lines.push(line)
      line = ''
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width))
      rest = rest.slice(width)
    }
    line = line === '' ? rest : `${line} ${rest}`
  }
  return line === '' ? lines : [...lines, line]
}
