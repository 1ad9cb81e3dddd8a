'use strict'

// HTTP/2 takes the native handle of its socket, so that nothing would be seen of it. While a session is made, the handle is
// hidden: Node then goes through the socket as through any stream.
const http2 = require('node:http2')
const net = require('node:net')
const tls = require('node:tls')
const context = require('./context.cjs')
const { LINK, linkOf } = require('./links.cjs')

const PREFACE = 24

/** Splits what a client sends at the borders of frames, each with the request that its stream belongs to. */
function createSplitter(streams) {
  let skip = PREFACE
  let cause
  const header = Buffer.alloc(9)
  let filled = 0
  return (bytes, emit) => {
    let offset = 0
    while (offset < bytes.length) {
      if (skip > 0) {
        const length = Math.min(skip, bytes.length - offset)
        emit(length, cause)
        skip -= length
        offset += length
        continue
      }
      const length = Math.min(9 - filled, bytes.length - offset)
      bytes.copy(header, filled, offset, offset + length)
      filled += length
      offset += length
      if (filled < 9) {
        // The stream is told by the rest of this header, which comes with another chunk.
        emit(length, undefined)
        continue
      }
      filled = 0
      skip = header.readUIntBE(0, 3)
      cause = streams.causeOf(header.readUInt32BE(5) & 0x7fffffff)
      emit(length, cause)
    }
  }
}

function createStreams() {
  const causes = new Map()
  let fresh = []
  return {
    add(stream, cause) {
      fresh.push({ stream, cause })
      stream.once('close', () => {
        causes.delete(stream.id)
        fresh = fresh.filter((entry) => entry.stream !== stream)
      })
    },
    causeOf(id) {
      if (id === 0) return undefined
      if (causes.has(id)) return causes.get(id)
      const index = fresh.findIndex((entry) => entry.stream.id === id)
      if (index === -1) return undefined
      const [{ cause }] = fresh.splice(index, 1)
      causes.set(id, cause)
      return cause
    },
  }
}

function install() {
  const { connect } = http2
  http2.connect = function (authority, options, listener) {
    const settings = typeof options === 'function' ? {} : { ...options }
    const callback = typeof options === 'function' ? options : listener
    let hidden
    let socket
    const create = settings.createConnection
    settings.createConnection = function (url, given) {
      socket = typeof create === 'function' ? Reflect.apply(create, this, [url, given]) : dial(url, given)
      if (socket instanceof net.Socket && linkOf(socket) !== undefined && socket._handle) {
        hidden = socket._handle
        Object.defineProperty(hidden, 'isStreamBase', { value: false, configurable: true })
      }
      return socket
    }
    let session
    try {
      session = Reflect.apply(connect, this, [authority, settings, callback])
    } finally {
      if (hidden !== undefined) delete hidden.isStreamBase
    }
    if (hidden !== undefined) follow(session, socket)
    return session
  }
}

/** What Node does by itself when no connection is given. */
function dial(url, options) {
  const host = url.hostname === undefined ? 'localhost' : url.hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = url.protocol !== 'http:'
  const port = url.port === '' || url.port === undefined ? (secure ? 443 : 80) : url.port
  if (!secure) return net.connect({ port, host, ...options })
  const servername = net.isIP(host) === 0 ? { servername: host } : {}
  return tls.connect({ ...servername, ALPNProtocols: ['h2'], ...options, port, host })
}

/** Lets the session look as if it had the socket itself, and tells which stream works for which request. */
function follow(session, socket) {
  const streams = createStreams()
  socket[LINK].split = createSplitter(streams)
  const { request } = session
  session.request = function (...args) {
    const stream = Reflect.apply(request, this, args)
    streams.add(stream, context.current())
    return stream
  }
  if (socket instanceof tls.TLSSocket) {
    Object.defineProperty(session, 'encrypted', { configurable: true, get: () => true })
    Object.defineProperty(session, 'alpnProtocol', {
      configurable: true,
      get: () => (typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined),
    })
  }
}

module.exports = { install, createSplitter }
