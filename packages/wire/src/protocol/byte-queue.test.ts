import { describe, expect, it } from 'vitest'

import { ByteQueue } from './byte-queue.ts'

describe('a queue of bytes', () => {
  it('gives back what was pushed, however it was cut', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, index) => index)
    for (let cut = 1; cut <= 64; cut++) {
      const queue = new ByteQueue()
      for (let at = 0; at < 64; at += cut) queue.push(bytes.subarray(at, at + cut))
      expect(queue.peek(65)).toBeUndefined()
      expect(queue.take(10)).toEqual(Buffer.from(bytes.subarray(0, 10)))
      queue.skip(20)
      expect(queue.length).toBe(34)
      expect(queue.takeAll()).toEqual(Buffer.from(bytes.subarray(30)))
      expect(queue.take(1)).toBeUndefined()
    }
  })
})
