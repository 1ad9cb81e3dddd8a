'use strict'

// undici >= 5 and the one within Node, which tell on the same channels.
const diagnostics = require('node:diagnostics_channel')
const context = require('../context.cjs')
const { linkOf } = require('../links.cjs')

const causes = new WeakMap()
const byHandler = new WeakMap()

function channels() {
  diagnostics.subscribe('undici:request:create', ({ request }) => {
    causes.set(request, { cause: context.asking() })
  })
  diagnostics.subscribe('undici:client:sendHeaders', ({ request, socket }) => {
    const link = linkOf(socket)
    // One request after the other is written on a connection of HTTP/1.
    if (link !== undefined && causes.has(request)) link.override = causes.get(request)
  })
}

/** A pool keeps what it cannot send yet, and dispatches it when another request has ended. */
function dispatcher(DispatcherBase) {
  const { dispatch } = DispatcherBase.prototype
  DispatcherBase.prototype.dispatch = function (options, handler) {
    if (handler === null || typeof handler !== 'object') return Reflect.apply(dispatch, this, [options, handler])
    const cause = context.current()
    const known = byHandler.get(handler)
    if (known === undefined || cause !== undefined) byHandler.set(handler, known ?? { cause })
    return context.run(byHandler.get(handler).cause, () => Reflect.apply(dispatch, this, [options, handler]))
  }
}

module.exports = { channels, dispatcher }
