/** Text for the message of a workflow command: one line, in which nothing can start another command. */
export function commandMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Text for a property of a workflow command. */
export function commandProperty(text: string): string {
  return commandMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/**
 * Text that Markdown and HTML leave alone: every ASCII character that could mean something is a character reference.
 *
 * @example
 * markdownText('<b>|') // '&#60;b&#62;&#124;'
 */
export function markdownText(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M} \u0080-\u{10ffff}\n]/gu, (found) => `&#${found.codePointAt(0) ?? 0};`)
}
