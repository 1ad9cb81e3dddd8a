/** The same for what has to stay on one line, such as a name: a second line could pass for one of ours, or for a command of a CI system. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]/g, (char) => (char === '\n' ? '\\n' : '\\t'))
}

/** Text that came from outside, made safe for a terminal: control characters are shown, lines stay lines. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}
