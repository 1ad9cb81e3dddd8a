'use strict'

const { writeSync } = require('node:fs')
const net = require('node:net')
const { threadId } = require('node:worker_threads')
const context = require('./context.cjs')
const { TYPES, createFrameReader, dataLength, frame, json, putData } = require('./frames.cjs')

/** What may wait for our process to read it: beyond that nothing more is recorded, as the service must not grow. */
const LIMIT = 256 * 1024 * 1024
/** How much is gathered before it is written, and how long it may wait, in milliseconds. */
const BLOCK = 64 * 1024
const DELAY_MS = 10
/** How long a process that ends may wait for our process to read, in milliseconds. */
const PATIENCE_MS = 1000
const later = setImmediate
const after = setTimeout
const { connect } = net.Socket.prototype
const { write } = net.Socket.prototype
const EMPTY = Buffer.alloc(0)

/** A connection of ours to our process, which the hook itself does not see. */
function dial(path, hello) {
  return context.outside(() => {
    const socket = new net.Socket()
    connect.call(socket, { path })
    write.call(socket, json(TYPES.hello, 0, hello))
    return socket
  })
}

/** The one channel of a process or thread for what it records, tells and is told. */
function openChannel({ path, token }, receive) {
  const socket = dial(path, { token, role: 'process', pid: process.pid, thread: threadId, version: process.version })
  let block = Buffer.allocUnsafeSlow(BLOCK)
  let filled = 0
  let scheduled = false
  let waiting = false
  let open = true

  /** A write of its own for each turn would wake our process as often: what is gathered goes at once. */
  function flush() {
    scheduled = false
    waiting = false
    if (!open || filled === 0) return
    const bytes = block.subarray(0, filled)
    filled = 0
    hand(bytes)
    // Where all of it went at once, nobody holds the block.
    if (socket.writableLength > 0) block = Buffer.allocUnsafeSlow(BLOCK)
  }
  function hand(bytes) {
    if (socket.writableLength > LIMIT) {
      stop()
      socket.destroy()
      return
    }
    write.call(socket, bytes, settled)
    // What waits must leave before the process may end by itself.
    if (socket.writableLength > 0) socket.ref()
  }
  function settled() {
    if (open && socket.writableLength === 0) socket.unref()
  }
  function stop() {
    open = false
    filled = 0
  }
  /** A process that ends writes to the end, as nothing comes after. */
  function finish() {
    const fd = socket._handle?.fd
    if (!open || filled === 0) return
    if (socket.connecting || socket.writableLength > 0 || !(fd >= 0)) return flush()
    const until = Date.now() + PATIENCE_MS
    let offset = 0
    while (offset < filled) {
      try {
        offset += writeSync(fd, block, offset, filled - offset)
      } catch (error) {
        if (error.code !== 'EAGAIN' || Date.now() > until) break
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
      }
    }
    filled = 0
  }
  const timer = after(flush, DELAY_MS)
  timer.unref()
  socket.on('error', stop)
  socket.on('close', stop)
  socket.on('connect', () => settled())
  socket.on(
    'data',
    createFrameReader((type, connection, payload) => {
      if (type === TYPES.flush) {
        send(frame(TYPES.flushed, connection, EMPTY))
        flush()
      } else receive(type, payload)
    }),
  )
  process.on('beforeExit', flush)
  process.on('exit', finish)

  function soon() {
    if (waiting) return
    waiting = true
    timer.refresh()
  }
  function reserve(length) {
    if (filled + length > BLOCK) flush()
  }
  /** A frame, which leaves with what is gathered; `urgent`: at the end of this turn. */
  function send(bytes, urgent = false) {
    if (!open) return false
    reserve(bytes.length)
    if (bytes.length > BLOCK) hand(bytes)
    else {
      block.set(bytes, filled)
      filled += bytes.length
      soon()
    }
    if (urgent && !scheduled) {
      scheduled = true
      later(flush)
    }
    return open
  }
  /** Bytes of one side. They are copied once. */
  function sendData(connection, fromServer, chunk, at, cause) {
    if (!open) return
    const length = dataLength(chunk)
    reserve(length)
    if (length > BLOCK) {
      const bytes = Buffer.allocUnsafeSlow(length)
      putData(bytes, 0, connection, fromServer, chunk, at, cause)
      hand(bytes)
      return
    }
    putData(block, filled, connection, fromServer, chunk, at, cause)
    filled += length
    soon()
  }
  return { send, sendData, isOpen: () => open }
}

module.exports = { dial, openChannel }
