import { expect, it } from 'vitest'

import { ByteCursor } from './byte-cursor.ts'
import { decodeBinaryCell, decodeParameter, parameterShape } from './cells.ts'
import { columnType } from './column-types.ts'

/** 2026-11-21 16:47:39 with microseconds, which a client may send even where they are zero. */
function moment(micros: number): Buffer {
  const bytes = Buffer.from([11, 0xea, 0x07, 11, 21, 16, 47, 39, 0, 0, 0, 0])
  bytes.writeUInt32LE(micros, 8)
  return bytes
}

it('reads times of parameters by what they say, however many bytes the client took', () => {
  const shape = parameterShape(columnType.datetime, false)
  expect(decodeParameter(new ByteCursor(moment(0)), shape)).toBe('2026-11-21 16:47:39')
  expect(decodeParameter(new ByteCursor(moment(120_000)), shape)).toBe('2026-11-21 16:47:39.120000')
  // A row has to come out again as the bytes that it was.
  expect(decodeBinaryCell(new ByteCursor(moment(0)), shape)).toBeInstanceOf(Uint8Array)
})
