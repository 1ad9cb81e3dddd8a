'use strict'

// Requests to the service enter their context here: http, https and http2 servers.
const http = require('node:http')
const https = require('node:https')
const http2 = require('node:http2')
const context = require('./context.cjs')

const CAUSE = Symbol('keploy.cause')
const COUNT = Symbol('keploy.count')

/** The how manyth request of its connection this is. */
function next(socket) {
  if (socket === undefined || socket === null || typeof socket.remotePort !== 'number') return undefined
  const ordinal = socket[COUNT] === undefined ? 0 : socket[COUNT]
  socket[COUNT] = ordinal + 1
  return { clientPort: socket.remotePort, ordinal }
}

/** Makes events of an object that belongs to a request run in the context of that request. */
function patchEvents(prototype) {
  if (Object.hasOwn(prototype, CAUSE)) return
  Object.defineProperty(prototype, CAUSE, { value: undefined, writable: true, configurable: true })
  const emit = prototype.emit
  prototype.emit = function (...args) {
    const cause = this[CAUSE]
    return cause === undefined ? emit.apply(this, args) : context.run(cause, () => emit.apply(this, args))
  }
}

const isRequest = new Set(['request', 'checkContinue', 'checkExpectation', 'upgrade', 'connect'])

function patchServer(prototype) {
  const emit = prototype.emit
  prototype.emit = function (event, request, response, ...rest) {
    if (!isRequest.has(event) || request === undefined) return emit.call(this, event, request, response, ...rest)
    // Compat requests of http2 belong to a stream that has its request already.
    const cause = request[CAUSE] ?? request.stream?.[CAUSE] ?? next(request.socket)
    if (cause === undefined) return emit.call(this, event, request, response, ...rest)
    request[CAUSE] = cause
    if (response !== null && typeof response === 'object' && event !== 'upgrade' && event !== 'connect')
      response[CAUSE] = cause
    return context.run(cause, () => emit.call(this, event, request, response, ...rest))
  }
}

function patchHttp2Server(prototype) {
  if (Object.hasOwn(prototype, COUNT)) return
  Object.defineProperty(prototype, COUNT, { value: true })
  const emit = prototype.emit
  prototype.emit = function (event, stream, ...rest) {
    if (event !== 'stream' || stream === undefined) return emit.call(this, event, stream, ...rest)
    const cause = next(stream.session?.socket)
    if (cause === undefined) return emit.call(this, event, stream, ...rest)
    patchEvents(Object.getPrototypeOf(stream))
    stream[CAUSE] = cause
    return context.run(cause, () => emit.call(this, event, stream, ...rest))
  }
}

function install() {
  patchEvents(http.IncomingMessage.prototype)
  patchEvents(http.ServerResponse.prototype)
  patchServer(http.Server.prototype)
  patchServer(https.Server.prototype)
  for (const name of ['createServer', 'createSecureServer']) {
    const create = http2[name]
    http2[name] = function (...args) {
      const server = Reflect.apply(create, this, args)
      patchHttp2Server(Object.getPrototypeOf(server))
      return server
    }
  }
}

module.exports = { install }
