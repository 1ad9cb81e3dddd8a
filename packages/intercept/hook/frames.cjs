'use strict'

// The side channel between a hooked process and ours: u32 length of the rest, u8 type, u32 connection, payload; big endian.
// The other side of it is src/hook/frames.ts.
const TYPES = {
  hello: 1,
  open: 2,
  data: 3,
  end: 4,
  abort: 5,
  secure: 6,
  opened: 7,
  refused: 8,
  reset: 9,
  listen: 10,
  flush: 11,
  flushed: 12,
  problem: 13,
}
const HEADER = 9
const DATA = 15

function frame(type, connection, payload) {
  const bytes = Buffer.allocUnsafe(HEADER + payload.length)
  bytes.writeUInt32BE(5 + payload.length, 0)
  bytes[4] = type
  bytes.writeUInt32BE(connection, 5)
  payload.copy(bytes, HEADER)
  return bytes
}

const json = (type, connection, value) => frame(type, connection, Buffer.from(JSON.stringify(value)))

/** How long the frame of a chunk is. */
const dataLength = (chunk) => HEADER + DATA + chunk.length

/** Bytes of one side, with the time in milliseconds and the request they belong to: `u8 flags, f64 at, u16 port, u32 ordinal`. */
function putData(bytes, offset, connection, fromServer, chunk, at, cause) {
  bytes.writeUInt32BE(5 + DATA + chunk.length, offset)
  bytes[offset + 4] = TYPES.data
  bytes.writeUInt32BE(connection, offset + 5)
  bytes[offset + 9] = (fromServer ? 1 : 0) | (cause === undefined ? 0 : 2)
  bytes.writeDoubleBE(at, offset + 10)
  bytes.writeUInt16BE(cause === undefined ? 0 : cause.clientPort, offset + 18)
  bytes.writeUInt32BE(cause === undefined ? 0 : cause.ordinal, offset + 20)
  bytes.set(chunk, offset + HEADER + DATA)
}

/** The same as a frame of its own. */
function data(connection, fromServer, chunk, at, cause) {
  const bytes = Buffer.allocUnsafe(dataLength(chunk))
  putData(bytes, 0, connection, fromServer, chunk, at, cause)
  return bytes
}

/** Calls `emit(type, connection, payload)` for each whole frame; payloads are views and hold until the next chunk only. */
function createFrameReader(emit) {
  let rest
  return (chunk) => {
    let bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let offset = 0
    while (bytes.length - offset >= 4) {
      const end = offset + 4 + bytes.readUInt32BE(offset)
      if (end > bytes.length) break
      emit(bytes[offset + 4], bytes.readUInt32BE(offset + 5), bytes.subarray(offset + HEADER, end))
      offset = end
    }
    bytes = bytes.subarray(offset)
    rest = bytes.length === 0 ? undefined : bytes
  }
}

module.exports = { TYPES, DATA, frame, json, data, dataLength, putData, createFrameReader }
