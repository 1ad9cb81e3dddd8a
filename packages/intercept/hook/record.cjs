'use strict'

// Copies what goes over connections to dependencies, and changes nothing about them.
const net = require('node:net')
const { performance } = require('node:perf_hooks')
const attribution = require('./attribution.cjs')
const context = require('./context.cjs')
const { LINK, linkOf, normalize, overrideOf, tlsOf } = require('./links.cjs')
const { TYPES, frame, json } = require('./frames.cjs')

const { timeOrigin } = performance
const now = () => timeOrigin + performance.now()

function install({ channel, targets }) {
  const {
    connect,
    write,
    end,
    push,
    _writeGeneric: writeGeneric,
    _final: final,
    _destroy: destroy,
  } = net.Socket.prototype
  let connections = 0

  function open(socket, options) {
    const target = targets.of(options)
    if (target === undefined || !channel.isOpen()) return undefined
    const id = ++connections
    channel.send(json(TYPES.open, id, { ...target, ...tlsOf(socket, options), at: now() }))
    return { id, causes: [], override: overrideOf(), split: undefined, ended: 0, secured: false, closed: false }
  }
  function close(link, error) {
    if (link.closed) return
    link.closed = true
    channel.send(
      json(TYPES.abort, link.id, { at: now(), ...(error && { reason: String(error.code ?? error.message) }) }),
    )
  }
  function sideEnds(link, side) {
    if (link.closed || (link.ended & side) !== 0) return
    link.ended |= side
    const bytes = Buffer.allocUnsafe(9)
    bytes[0] = side
    bytes.writeDoubleBE(now(), 1)
    channel.send(frame(TYPES.end, link.id, bytes))
  }
  /** Tells once what TLS agreed on. */
  function secured(socket, link) {
    if (link.secured || !socket.encrypted || socket.secureConnecting) return
    link.secured = true
    const { alpnProtocol: alpn } = socket
    channel.send(json(TYPES.secure, link.id, { at: now(), ...(typeof alpn === 'string' && { alpn }) }))
  }
  function sent(link, bytes) {
    attribution.take(link, bytes, (piece, cause) => channel.sendData(link.id, false, piece, now(), cause))
  }

  net.Socket.prototype.connect = function (...args) {
    const [options] = normalize(args)
    // A TLS socket over another one goes on with the connection of that one.
    if (this._parent === null || this._parent === undefined) {
      const link = open(this, options)
      this[LINK] = link
      // What the connection does by itself later belongs to no request, whoever opened it.
      if (link !== undefined) {
        watchBuffer(this, link)
        return context.outside(() => Reflect.apply(connect, this, args))
      }
    }
    return Reflect.apply(connect, this, args)
  }
  net.Socket.prototype.write = function (chunk, encoding, callback) {
    const link = linkOf(this)
    if (link !== undefined && isWritable(this, chunk)) attribution.note(link, chunk, encoding)
    return Reflect.apply(write, this, [chunk, encoding, callback])
  }
  net.Socket.prototype.end = function (chunk, encoding, callback) {
    const link = linkOf(this)
    if (link !== undefined && isWritable(this, chunk)) attribution.note(link, chunk, encoding)
    return Reflect.apply(end, this, [chunk, encoding, callback])
  }
  net.Socket.prototype._writeGeneric = function (several, chunk, encoding, callback) {
    const link = linkOf(this)
    if (link !== undefined && !this.connecting && this._handle) {
      secured(this, link)
      if (several) for (const part of chunk) sent(link, attribution.toBuffer(part.chunk, part.encoding))
      else sent(link, attribution.toBuffer(chunk, encoding))
    }
    return Reflect.apply(writeGeneric, this, [several, chunk, encoding, callback])
  }
  net.Socket.prototype.push = function (chunk, encoding) {
    const link = linkOf(this)
    if (link !== undefined) {
      if (chunk === null) sideEnds(link, 2)
      else if (typeof chunk !== 'string' && chunk.length > 0) {
        secured(this, link)
        channel.sendData(link.id, true, chunk, now(), undefined)
      }
    }
    return Reflect.apply(push, this, [chunk, encoding])
  }
  net.Socket.prototype._final = function (callback) {
    const link = linkOf(this)
    if (link !== undefined && !this.connecting) sideEnds(link, 1)
    return Reflect.apply(final, this, [callback])
  }
  net.Socket.prototype._destroy = function (error, callback) {
    const link = linkOf(this)
    if (link !== undefined) close(link, error)
    return Reflect.apply(destroy, this, [error, callback])
  }

  /** A socket with the option `onread` hands its bytes to a callback in place of `push`. */
  function watchBuffer(socket, link) {
    const key = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === 'kBufferCb')
    const callback = key === undefined ? undefined : socket[key]
    if (typeof callback !== 'function') return
    socket[key] = function (length, buffer) {
      if (length > 0) channel.sendData(link.id, true, buffer.subarray(0, length), now(), undefined)
      return Reflect.apply(callback, this, [length, buffer])
    }
  }
}

const isWritable = (socket, chunk) =>
  (typeof chunk === 'string' || ArrayBuffer.isView(chunk)) && socket.writable && !socket.writableEnded

module.exports = { install, isWritable }
