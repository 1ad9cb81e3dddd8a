import type { RunNotice } from '../collector.ts'
import { visible, visibleLines } from '../text/visible.ts'
import { wrap } from '../text/width.ts'
import type { PrettyContext } from './lines.ts'

const LINES_SHOWN = 40
const LEVEL_TONE = { info: 'accent', warning: 'warn', error: 'bad' } as const

/** A notice: one line of it wrapped, or, as with a service's output, its last lines behind a bar. */
export function noticeLines(notice: RunNotice, context: PrettyContext): string[] {
  const { paint, width } = context
  const label = paint(LEVEL_TONE[notice.level], notice.level)
  const [first = '', ...rest] = notice.message.replace(/\s+$/, '').split(/\r?\n/)
  const head = wrap(`${visible(first)} [${visible(notice.code)}]`, width - 9)
  const lines = head.map((line, index) =>
    index === 0 ? `${label}${' '.repeat(9 - notice.level.length)}${line}` : `         ${line}`,
  )
  const shown = context.verbose ? rest : rest.slice(-LINES_SHOWN)
  if (shown.length < rest.length) {
    lines.push(`  │ ${paint('dim', `${rest.length - shown.length} lines before; --verbose shows them`)}`)
  }
  for (const line of visibleLines(shown.join('\n'))) {
    if (rest.length > 0) lines.push(...wrap(line, width - 4).map((part) => `  │ ${part}`))
  }
  return lines
}
