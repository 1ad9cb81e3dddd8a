'use strict'

// @grpc/grpc-js >= 1.7: calls wait for names and connections, and go on when those are there.
const context = require('../context.cjs')

const CAUSE = Symbol('keploy.cause')

/** Remembers the request in `start`, and does what comes later in it. */
function follow(Call, later) {
  const { start } = Call.prototype
  const goOn = Call.prototype[later]
  if (typeof start !== 'function' || typeof goOn !== 'function') return
  Call.prototype.start = function (...args) {
    this[CAUSE] = context.current()
    return Reflect.apply(start, this, args)
  }
  Call.prototype[later] = function (...args) {
    return context.run(this[CAUSE], () => Reflect.apply(goOn, this, args))
  }
}

module.exports = {
  resolving: ({ ResolvingCall }) => follow(ResolvingCall, 'getConfig'),
  balancing: ({ LoadBalancingCall }) => follow(LoadBalancingCall, 'doPick'),
}
