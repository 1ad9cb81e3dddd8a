const names = [
  'in-transaction',
  'autocommit',
  'bit2',
  'more-results',
  'no-good-index',
  'no-index',
  'cursor',
  'last-row',
  'database-dropped',
  'no-backslash-escapes',
  'metadata-changed',
  'slow',
  'out-parameters',
  'in-read-only-transaction',
  'session-changed',
  'bit15',
] as const

export const serverStatus = {
  inTransaction: 0x1,
  autocommit: 0x2,
  moreResults: 0x8,
  cursor: 0x40,
  sessionChanged: 0x4000,
} as const

/** The flags of a server as words: `autocommit in-transaction`. */
export function statusText(status: number): string {
  return names.filter((_, bit) => (status & (1 << bit)) !== 0).join(' ')
}

/** The flags of words; unknown words count nothing. */
export function statusFlags(text: string): number {
  let status = 0
  for (const word of text.split(' ')) {
    const bit = (names as readonly string[]).indexOf(word)
    if (bit >= 0) status |= 1 << bit
  }
  return status
}
