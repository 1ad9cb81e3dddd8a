'use strict'

// Remembers, from the moment of each `write`, which request the bytes belong to, until they leave.
const context = require('./context.cjs')

/** Of a driver that joins commands of many requests to one chunk: their lengths, in order. Emptied each turn. */
let segments = []
let emptied = false

function segment(length, cause) {
  segments.push({ length, cause })
  if (emptied) return
  emptied = true
  queueMicrotask(() => {
    emptied = false
    segments = []
  })
}

function add(link, length, cause) {
  if (length === 0) return
  const last = link.causes[link.causes.length - 1]
  if (last !== undefined && last.cause === cause) last.length += length
  else link.causes.push({ length, cause })
}

const toBuffer = (chunk, encoding) =>
  typeof chunk === 'string'
    ? Buffer.from(chunk, encoding)
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)

/** Takes note of a chunk that was given to `write`. */
function note(link, chunk, encoding) {
  const length = typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.byteLength
  if (link.split !== undefined) {
    link.split(toBuffer(chunk, encoding), (bytes, cause) => add(link, bytes, cause))
    return
  }
  if (segments.length > 0) {
    const total = segments.reduce((sum, part) => sum + part.length, 0)
    const first = segments[0]
    if (total === length || first.length === length) {
      const parts = total === length ? segments.splice(0) : segments.splice(0, 1)
      for (const part of parts) add(link, part.length, part.cause)
      return
    }
    // Something else was written in between: nothing is known of either.
    segments = []
    add(link, length, undefined)
    return
  }
  add(link, length, link.override === undefined ? context.current() : link.override.cause)
}

/** Gives bytes that leave now, each piece with the request it belongs to. */
function take(link, bytes, emit) {
  let offset = 0
  while (offset < bytes.length) {
    const first = link.causes[0]
    if (first === undefined) {
      emit(offset === 0 ? bytes : bytes.subarray(offset), undefined)
      return
    }
    const length = Math.min(first.length, bytes.length - offset)
    emit(length === bytes.length ? bytes : bytes.subarray(offset, offset + length), first.cause)
    offset += length
    first.length -= length
    if (first.length === 0) link.causes.shift()
  }
}

module.exports = { note, take, segment, toBuffer }
