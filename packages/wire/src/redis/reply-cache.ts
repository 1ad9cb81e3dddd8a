import type { Value } from '@keploy-framework/format'

import { encodeReply } from './encode-reply.ts'

const two = new WeakMap<object, Buffer>()
const three = new WeakMap<object, Buffer>()

/** `encodeReply`, once for each tree: a recorded answer is often given again. What it gives must not be written to. */
export function encodedReply(reply: Value, version: 2 | 3): Buffer {
  if (reply === null || typeof reply !== 'object') return encodeReply(reply, version)
  const cache = version === 3 ? three : two
  let bytes = cache.get(reply)
  if (bytes === undefined) {
    bytes = encodeReply(reply, version)
    // Only trees that cannot be changed unnoticed are worth keeping, and all of a call are.
    cache.set(reply, bytes)
  }
  return bytes
}
