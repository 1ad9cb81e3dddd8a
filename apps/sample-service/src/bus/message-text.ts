import { OversizeError } from './errors.ts'

/**
 * How large a message may be as JSON, in bytes of UTF-8. Brokers take batches of 1,048,588 bytes unless they are told
 * otherwise; the rest is for the key and for what frames a batch.
 */
export const MAX_MESSAGE_BYTES = 1_000_000

/** How much is kept of a text that is too long to be kept. */
const EXCERPT_LENGTH = 2_000

/**
 * The value of a message as it is published.
 *
 * @throws OversizeError when it is larger than `MAX_MESSAGE_BYTES`
 */
export function messageText(value: unknown): string {
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_MESSAGE_BYTES) return text
  throw new OversizeError(`The message has ${bytes} bytes, and a broker takes ${MAX_MESSAGE_BYTES}.`)
}

/** Cuts texts into groups that a broker takes at once, in their order. Each text alone fits. */
export function* inBatches<Item extends { value: string }>(items: Iterable<Item>): Generator<Item[]> {
  let batch: Item[] = []
  let bytes = 0
  for (const item of items) {
    const size = Buffer.byteLength(item.value)
    if (batch.length > 0 && bytes + size > MAX_MESSAGE_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** The beginning of a long text; a short one as it is. */
export function excerpt(text: string): string {
  return text.length <= EXCERPT_LENGTH ? text : `${text.slice(0, EXCERPT_LENGTH)}…`
}
