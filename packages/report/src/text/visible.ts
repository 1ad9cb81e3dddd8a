// What a terminal or a reader could be misled by: C0 and C1 controls, marks that change the direction of text, invisible
// characters, characters of the tag block, and halves of surrogate pairs. The joiners U+200C and U+200D stay: scripts need them.
const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- finding control characters is the point
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu

/**
 * Text with every control and invisible character written out, on one line: a line feed becomes `␊`, an escape `␛`, a mark
 * that turns the direction of text around `\u{202e}`.
 *
 * @example
 * visible('a\u001b[31mb') // 'a␛[31mb'
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, show)
}

/** Like `visible`, but tabs stay what they are. */
export function visibleKeepingTabs(text: string): string {
  return text.replace(HIDDEN, (found) => (found === '\t' ? found : show(found)))
}

/** The lines of a text, each made visible; a carriage return before the line feed is not shown. */
export function visibleLines(text: string): string[] {
  return text.split(/\r?\n/).map(visible)
}

function show(found: string): string {
  const code = found.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `\\u{${code.toString(16)}}`
}
