export interface Said {
  from: string
  text: string
}

export interface Analysis {
  messages: number
  /** Words of each speaker. */
  words: Record<string, number>
  /** Up to five words of at least five letters, the most frequent first. */
  topics: string[]
}

/** What can be said of a conversation without understanding it. */
export function analyze(messages: readonly Said[]): Analysis {
  const words = new Map<string, number>()
  const counts = new Map<string, number>()
  for (const { from, text } of messages) {
    const spoken = text.toLocaleLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
    words.set(from, (words.get(from) ?? 0) + spoken.length)
    for (const word of spoken) if (word.length >= 5) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const topics = [...counts].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1))
  return {
    messages: messages.length,
    words: Object.fromEntries(words),
    topics: topics.slice(0, 5).map(([word]) => word),
  }
}
