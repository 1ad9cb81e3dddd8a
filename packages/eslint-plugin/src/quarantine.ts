/** What a quarantine comment says. */
export interface Quarantine {
  readonly reason: string
  /** `YYYY-MM-DD`, the last day on which it holds. */
  readonly until: string | undefined
  readonly plan: string | undefined
}

/**
 * Reads `quarantine: <reason>; until <YYYY-MM-DD>; plan: <plan>` out of a comment; the parts may stand on lines of their
 * own. Nothing if the word is not there.
 */
export function parseQuarantine(comment: string): Quarantine | undefined {
  const text = /quarantine:\s*([^]*)/i.exec(comment)?.[1]
  if (text === undefined) return undefined
  const parts = text.split(/;|\n(?=\s*(?:until|plan)\b)/i).map((part) => part.replaceAll(/\s+/g, ' ').trim())
  const valueOf = (name: string) => {
    const part = parts.find((candidate) => new RegExp(`^${name}\\b`, 'i').test(candidate))
    return part?.replace(new RegExp(`^${name}\\s*:?\\s*`, 'i'), '') || undefined
  }
  const reason = parts.find((part) => !/^(?:until|plan)\b/i.test(part)) ?? ''
  return { reason, until: valueOf('until'), plan: valueOf('plan') }
}

/** Whether the text is a day of the calendar, `2026-02-30` is not. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
