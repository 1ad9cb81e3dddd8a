'use strict'

// Connects dependencies to our process in place of the network: each connection over a socket of its own to it.
const net = require('node:net')
const tls = require('node:tls')
const { Duplex } = require('node:stream')
const { constants } = require('node:os')
const attribution = require('./attribution.cjs')
const context = require('./context.cjs')
const { becomeSecure } = require('./fake-tls.cjs')
const { dial } = require('./channel.cjs')
const { LINK, linkOf, normalize, overrideOf, tlsOf } = require('./links.cjs')
const { isWritable } = require('./record.cjs')
const { DATA, TYPES, createFrameReader, data, frame, json } = require('./frames.cjs')

const EMPTY = Buffer.alloc(0)
const {
  connect,
  write,
  end,
  ref,
  unref,
  _writeGeneric: writeGeneric,
  _final: final,
  _destroy: destroy,
} = net.Socket.prototype

/** The error that Node gives for a connection that could not be made. */
function connectError(reason, { host, port, path }) {
  if (/^E[A-Z]+$/.test(reason) && ['ENOTFOUND', 'EAI_AGAIN', 'ENODATA'].includes(reason)) {
    return Object.assign(new Error(`getaddrinfo ${reason} ${host}`), {
      code: reason,
      errno: reason === 'ENOTFOUND' ? -3008 : -3001,
      syscall: 'getaddrinfo',
      hostname: host,
    })
  }
  const errno = constants.errno[reason]
  if (errno === undefined) return Object.assign(new Error(reason), { code: reason })
  const where = path === undefined ? { address: host, port } : { address: path }
  const shown = path ?? `${host}:${port}`
  return Object.assign(new Error(`connect ${reason} ${shown}`), {
    errno: -errno,
    code: reason,
    syscall: 'connect',
    ...where,
  })
}

function install({ config, targets }) {
  function open(socket, options, target) {
    const secure = tlsOf(socket, options)
    const pipe = dial(config.path, { token: config.token, role: 'connection', pid: process.pid })
    const link = {
      socket,
      pipe,
      target,
      causes: [],
      override: overrideOf(),
      split: undefined,
      opened: false,
      secure: false,
      read: 0,
      written: 0,
      finished: false,
      alpn: undefined,
    }
    pipe.write(json(TYPES.open, 1, { ...target, ...secure }))
    socket[LINK] = link
    pipe.on(
      'data',
      createFrameReader((type, _connection, payload) => receive(link, type, payload)),
    )
    const lost = () => {
      if (!link.finished) fail(link, link.opened ? 'ECONNRESET' : 'ECONNREFUSED')
    }
    pipe.on('error', lost)
    pipe.on('close', lost)
    takeOver(socket, link)
    return link
  }

  function fail(link, reason) {
    if (link.finished) return
    link.finished = true
    link.pipe.destroy()
    const { socket } = link
    if (!link.opened) socket.destroy(connectError(reason, link.target))
    else
      socket.destroy(
        Object.assign(new Error(`read ${reason}`), {
          errno: -(constants.errno[reason] ?? 104),
          code: reason,
          syscall: 'read',
        }),
      )
  }

  function receive(link, type, payload) {
    const { socket } = link
    if (socket.destroyed) return
    if (type === TYPES.opened) {
      const { alpn } = JSON.parse(payload.toString())
      link.alpn = alpn
      link.opened = true
      socket.connecting = false
      socket._unrefTimer?.()
      socket.emit('connect')
      socket.emit('ready')
      if (socket.readable && !socket.isPaused()) socket.read(0)
    } else if (type === TYPES.refused) {
      const { reason } = JSON.parse(payload.toString())
      fail(link, reason)
    } else if (type === TYPES.data) deliver(link, Buffer.from(payload.subarray(DATA)))
    else if (type === TYPES.end) {
      link.ended = true
      socket.push(null)
      if (socket.readableLength === 0) socket.read(0)
    } else if (type === TYPES.reset) fail(link, 'ECONNRESET')
    else if (type === TYPES.secure) {
      link.alpn = JSON.parse(payload.toString()).alpn
      if (link.secure) becomeSecure(socket, link)
    }
  }

  function deliver(link, bytes) {
    const { socket } = link
    link.read += bytes.length
    socket._unrefTimer?.()
    const symbols = Object.getOwnPropertySymbols(socket)
    const key = symbols.find((symbol) => symbol.description === 'kBufferCb')
    const callback = key === undefined ? undefined : socket[key]
    if (typeof callback !== 'function') {
      if (!socket.push(bytes)) link.pipe.pause()
      return
    }
    // The option `onread`: into the buffer of the client, piece by piece.
    const held = socket[symbols.find((symbol) => symbol.description === 'kBuffer')]
    const make = socket[symbols.find((symbol) => symbol.description === 'kBufferGen')]
    for (let offset = 0; offset < bytes.length;) {
      const buffer = typeof make === 'function' ? make() : held
      const length = Math.min(buffer.length, bytes.length - offset)
      buffer.set(bytes.subarray(offset, offset + length))
      offset += length
      if (Reflect.apply(callback, socket, [length, buffer]) === false) link.pipe.pause()
    }
  }

  /** Lets a socket send to and read from our process in place of its handle. */
  function takeOver(socket, link) {
    const methods = {
      setNoDelay: () => socket,
      setKeepAlive: () => socket,
      setTypeOfService: () => socket,
      getTypeOfService: () => 0,
      _writeGeneric(several, chunk, encoding, callback) {
        if (this.connecting) return Reflect.apply(writeGeneric, this, [several, chunk, encoding, callback])
        this._unrefTimer?.()
        const chunks = several
          ? chunk.map((part) => attribution.toBuffer(part.chunk, part.encoding))
          : [attribution.toBuffer(chunk, encoding)]
        link.pipe.cork()
        for (const bytes of chunks) {
          link.written += bytes.length
          attribution.take(link, bytes, (piece, cause) => link.pipe.write(data(1, false, piece, 0, cause)))
        }
        link.pipe.write(EMPTY, (error) => callback(error && this.destroyed ? error : null))
        link.pipe.uncork()
        return undefined
      },
      _final(callback) {
        if (this.connecting) return Reflect.apply(final, this, [callback])
        if (link.pipe.writable) link.pipe.write(frame(TYPES.end, 1, EMPTY), () => callback())
        else callback()
        return undefined
      },
      _read() {
        link.pipe.resume()
      },
      _destroy(error, callback) {
        link.finished = true
        this.resetAndClosing = false
        // What was written before must arrive.
        if (link.pipe.writable) link.pipe.end(frame(TYPES.abort, 1, EMPTY))
        link.pipe.on('error', () => {})
        link.pipe.resume()
        link.pipe.unref()
        return Reflect.apply(destroy, this, [error, callback])
      },
      ref() {
        link.pipe.ref()
        return Reflect.apply(ref, this, [])
      },
      unref() {
        link.pipe.unref()
        return Reflect.apply(unref, this, [])
      },
    }
    if (Object.getOwnPropertySymbols(socket).some((symbol) => symbol.description === 'kBufferCb' && socket[symbol]))
      Object.assign(methods, buffered(link))
    for (const [name, value] of Object.entries(methods))
      Object.defineProperty(socket, name, { value, configurable: true, writable: true })
    for (const [name, get] of [
      ['bytesRead', () => link.read],
      ['bytesWritten', () => link.written],
      ['_bytesDispatched', () => link.written],
    ]) {
      Object.defineProperty(socket, name, { get, configurable: true })
    }
  }

  /** With the option `onread`, Node would start the handle. */
  function buffered(link) {
    const { pause, read, resume } = Duplex.prototype
    return {
      read(size) {
        return Reflect.apply(read, this, [size])
      },
      pause() {
        link.pipe.pause()
        return Reflect.apply(pause, this, [])
      },
      resume() {
        link.pipe.resume()
        return Reflect.apply(resume, this, [])
      },
    }
  }

  net.Socket.prototype.connect = function (...args) {
    const [options, callback] = normalize(args)
    if (this._parent !== null && this._parent !== undefined) return Reflect.apply(connect, this, args)
    const target = targets.of(options)
    if (target === undefined) {
      if (this[LINK] !== undefined) this[LINK] = undefined
      return Reflect.apply(connect, this, args)
    }
    return context.outside(() => {
      // Node prepares the socket as always, and then waits for a name that is never resolved.
      const waiting = {
        ...options,
        path: undefined,
        port: target.port ?? 1,
        host: 'dependency.invalid',
        autoSelectFamily: false,
        localAddress: undefined,
        localPort: undefined,
        family: undefined,
        hints: undefined,
        lookup() {},
      }
      Reflect.apply(connect, this, callback === null ? [waiting] : [waiting, callback])
      const link = open(this, options, target)
      const host = target.host === undefined || net.isIP(target.host) === 0 ? '127.0.0.1' : target.host
      this._host = target.host ?? null
      if (target.path === undefined) {
        this._peername = { address: host, port: target.port, family: net.isIPv6(host) ? 'IPv6' : 'IPv4' }
        this._sockname = { address: '127.0.0.1', port: 32_768 + (link.pipe._handle?.fd ?? 1), family: 'IPv4' }
      }
      return this
    })
  }
  net.Socket.prototype.write = function (chunk, encoding, done) {
    const link = linkOf(this)
    if (link !== undefined && isWritable(this, chunk)) attribution.note(link, chunk, encoding)
    return Reflect.apply(write, this, [chunk, encoding, done])
  }
  net.Socket.prototype.end = function (chunk, encoding, done) {
    const link = linkOf(this)
    if (link !== undefined && isWritable(this, chunk)) attribution.note(link, chunk, encoding)
    return Reflect.apply(end, this, [chunk, encoding, done])
  }

  const { _start: start } = tls.TLSSocket.prototype
  tls.TLSSocket.prototype._start = function () {
    const link = linkOf(this)
    if (link === undefined) return Reflect.apply(start, this, [])
    if (this.connecting) {
      this.once('connect', this._start)
      return undefined
    }
    if (link.secure && link.socket === this) return undefined
    link.secure = true
    if (link.socket === this) {
      context.outside(() => setImmediate(becomeSecure, this, link))
      return undefined
    }
    // TLS over a connection that began in plain text: its bytes belong to this socket from here on.
    const plain = link.socket
    link.socket = this
    takeOver(this, link)
    this._peername = plain._peername
    this._sockname = plain._sockname
    const options =
      this[Object.getOwnPropertySymbols(this).find((symbol) => symbol.description === 'connect-options')] ?? {}
    link.pipe.write(json(TYPES.secure, 1, tlsOf(this, options).tls ?? {}))
    link.pipe.resume()
    return undefined
  }
}

module.exports = { install, connectError }
