import type { MenuChoice } from './menu-entry.ts'

export interface RenderMenuInput {
  readonly title: string
  readonly status: string
  readonly choices: readonly MenuChoice[]
}

const WIDTH = 60

/** Banner, status line and entries. */
export function renderMenu({ title, status, choices }: RenderMenuInput): string {
  const width = Math.max(WIDTH, ...[title, status].map((text) => plain(text).length + 4))
  const bar = '═'.repeat(width)
  const line = (text: string): string => `║ ${plain(text).padEnd(width - 2)} ║`
  const keys = Math.max(1, ...choices.map(({ key }) => plain(key).length))
  const entry = (key: string, text: string): string => `  ${plain(key).padStart(keys)}  ${plain(text)}`
  return [
    `╔${bar}╗`,
    line(title),
    line(status),
    `╚${bar}╝`,
    '',
    ...choices.map(({ key, title: text }) => entry(key, text)),
    entry('0', 'Exit'),
    '',
    '',
  ].join('\n')
}

/** Titles come from a file: control characters in them do nothing to the terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
}
