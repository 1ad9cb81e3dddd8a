import { createHttpCodec } from '../src/index.ts'
import type { CodecEvent, HttpCodecOptions } from '../src/index.ts'

/** Bytes of one side, or `END`. */
export type Step = readonly ['client' | 'server', string | Uint8Array] | 'ABORT' | 'STOP'

/** The end of what one side sends. */
export const END = '\0END'

function bytesOf(step: string | Uint8Array): Buffer {
  return typeof step === 'string' ? Buffer.from(step, 'latin1') : Buffer.from(step)
}

/** Feeds steps to a codec, each chunk cut by `cut`, and returns all events. Time is the number of the step. */
export function play(
  steps: readonly Step[],
  options: Partial<HttpCodecOptions> = {},
  cut: (bytes: Buffer) => Iterable<Buffer> = (bytes) => [bytes],
): CodecEvent[] {
  const events: CodecEvent[] = []
  let id = 0
  const codec = createHttpCodec({ connection: 7, nextId: () => (id += 1), ...options }, (event) => events.push(event))
  for (const [at, step] of steps.entries()) {
    if (step === 'ABORT') codec.abort(at)
    else if (step === 'STOP') codec.stop(at)
    else if (step[1] === END) codec.end(step[0], at)
    else for (const piece of cut(bytesOf(step[1]))) codec.push(step[0], Buffer.from(piece), at)
  }
  return events
}

/** The exchanges among events, in the order in which they closed. */
export function closed(events: readonly CodecEvent[]) {
  return events.flatMap((event) => (event.type === 'close' ? [event.exchange] : []))
}

/** The reasons of gaps among events. */
export function gaps(events: readonly CodecEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'gap' ? [event.reason] : []))
}

/** Cuts bytes at every boundary. */
export function* everyByte(bytes: Buffer): Iterable<Buffer> {
  for (let index = 0; index < bytes.length; index += 1) yield bytes.subarray(index, index + 1)
}
