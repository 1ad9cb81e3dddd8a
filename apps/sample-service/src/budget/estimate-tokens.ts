/** Western text has about four bytes to a token, and other scripts more bytes to a character and fewer to a token. */
const BYTES_PER_TOKEN = 4
/** What surrounds each message. */
const TOKENS_PER_MESSAGE = 4

/** About how many tokens a model reads. Models count each in its own way; a budget needs no more than the magnitude. */
export function estimateTokens(messages: readonly { content: string }[]): number {
  return messages.reduce(
    (sum, { content }) => sum + TOKENS_PER_MESSAGE + Math.ceil(Buffer.byteLength(content) / BYTES_PER_TOKEN),
    0,
  )
}
