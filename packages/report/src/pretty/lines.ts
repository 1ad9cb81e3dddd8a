import type { OutputStream } from '../options.ts'
import type { Paint } from '../text/paint.ts'

/** What the parts of the terminal report share. */
export interface PrettyContext {
  readonly paint: Paint
  /** Columns. */
  readonly width: number
  readonly verbose: boolean
  readonly quiet: boolean
}

/** Writes lines, none of which a CI system could take for a command. */
export function writeLines(stream: OutputStream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.map(harmless).join('\n')}\n`)
}

// GitHub reads `::command::` at the start of a line, after white space, and `##[command]` anywhere: recorded text may hold both.
function harmless(line: string): string {
  const safe = line.includes('##[') ? line.replaceAll('##[', '## [') : line
  return safe.trimStart().startsWith('::') ? safe.replace('::', ': :') : safe
}
