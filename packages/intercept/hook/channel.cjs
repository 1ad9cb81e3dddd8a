'use strict'

const net = require('node:net')
const { threadId } = require('node:worker_threads')
const context = require('./context.cjs')
const { TYPES, createFrameReader, frame, json } = require('./frames.cjs')

/** What may wait for our process to read it: beyond that nothing more is recorded, as the service must not grow. */
const LIMIT = 256 * 1024 * 1024
const later = setImmediate
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
  let queue = []
  let scheduled = false
  let open = true

  function flush() {
    scheduled = false
    if (!open || queue.length === 0) return
    const frames = queue
    queue = []
    write.call(socket, frames.length === 1 ? frames[0] : Buffer.concat(frames), settled)
    // What waits must leave before the process may end by itself.
    if (socket.writableLength > 0) socket.ref()
  }
  function settled() {
    if (open && socket.writableLength === 0 && queue.length === 0) socket.unref()
  }
  function stop() {
    open = false
    queue = []
  }
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
  process.on('exit', flush)

  function send(bytes) {
    if (!open) return false
    if (socket.writableLength > LIMIT) {
      stop()
      socket.destroy()
      return false
    }
    queue.push(bytes)
    if (!scheduled) {
      scheduled = true
      later(flush)
    }
    return true
  }
  return { send, isOpen: () => open }
}

module.exports = { dial, openChannel }
