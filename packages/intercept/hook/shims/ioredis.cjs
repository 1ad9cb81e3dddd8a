'use strict'

// ioredis >= 5: pipelines, made by hand or by `enableAutoPipelining`, join commands to one string.
const { segment, toBuffer } = require('../attribution.cjs')
const context = require('../context.cjs')

const causes = new WeakMap()

function command(exports) {
  const Command = exports.default
  const { toWritable } = Command.prototype
  // `initPromise` runs in the constructor, in the code that asks.
  const { initPromise } = Command.prototype
  Command.prototype.initPromise = function (...args) {
    causes.set(this, context.current())
    return Reflect.apply(initPromise, this, args)
  }
  Command.prototype.toWritable = function (...args) {
    const bytes = Reflect.apply(toWritable, this, args)
    if (causes.has(this)) {
      segment(typeof bytes === 'string' ? Buffer.byteLength(bytes) : toBuffer(bytes).length, causes.get(this))
    }
    return bytes
  }
}

module.exports = { command }
