import { createRequire } from 'node:module'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createFrameReader, decodeData, encodeData, encodeFrame, type Frame, FRAME } from './frames.ts'

interface Preload {
  TYPES: Record<string, number>
  data(connection: number, fromServer: boolean, chunk: Uint8Array, at: number, cause?: object): Buffer
  createFrameReader(emit: (type: number, connection: number, payload: Buffer) => void): (chunk: Buffer) => void
}
const preload = createRequire(import.meta.url)('../../hook/frames.cjs') as Preload

const bytes = fc.uint8Array({ maxLength: 300 })
const cause = fc.record({ clientPort: fc.nat(65_535), ordinal: fc.nat(2 ** 31) })

describe('frames between a hooked process and us', () => {
  test('have the same types on both sides', () => {
    expect(preload.TYPES).toMatchObject(FRAME)
  })

  test('give data, time and cause that the preload wrote, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.boolean(), bytes, fc.option(cause, { nil: undefined }))),
        fc.nat(400),
        (sent, step) => {
          const all = Buffer.concat(
            sent.map(([id, server, chunk, given]) => preload.data(id, server, chunk, 12.5, given)),
          )
          const frames: Frame[] = []
          const read = createFrameReader((frame) => frames.push({ ...frame, payload: Buffer.from(frame.payload) }))
          for (let at = 0; at < all.length; at += step + 1) expect(read(all.subarray(at, at + step + 1))).toBe(true)
          expect(frames.map(({ connection, payload }) => [connection, decodeData(payload)])).toEqual(
            sent.map(([id, server, chunk, given]) => [
              id,
              {
                from: server ? 'server' : 'client',
                at: 12.5,
                chunk: Buffer.from(chunk),
                ...(given && { cause: given }),
              },
            ]),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  test('reach the preload whole, at every border', () => {
    const all = Buffer.concat([encodeData(1, Buffer.from('answer')), encodeFrame(FRAME.end, 1)])
    for (let cut = 0; cut <= all.length; cut++) {
      const types: number[] = []
      const read = preload.createFrameReader((type) => types.push(type))
      read(all.subarray(0, cut))
      read(all.subarray(cut))
      expect(types).toEqual([FRAME.data, FRAME.end])
    }
  })

  test('are refused when their length cannot be right, and random bytes do no harm', () => {
    const read = createFrameReader(() => undefined)
    expect(read(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toBe(false)
    expect(read(Buffer.from('more'))).toBe(false)
    fc.assert(
      fc.property(fc.array(bytes), (chunks) => {
        const reader = createFrameReader(({ payload }) => void decodeData(payload))
        for (const chunk of chunks) reader(Buffer.from(chunk))
      }),
      { numRuns: 300 },
    )
  })
})
