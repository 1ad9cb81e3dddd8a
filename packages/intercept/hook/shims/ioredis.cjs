'use strict'

// ioredis >= 5: pipelines, made by hand or by `enableAutoPipelining`, join commands to one string.
const { segment, toBuffer } = require('../attribution.cjs')
const context = require('../context.cjs')

const CAUSE = Symbol('keploy.cause')

function command(exports) {
  const Command = exports.default
  const { toWritable } = Command.prototype
  // `initPromise` runs in the constructor, in the code that asks.
  const { initPromise } = Command.prototype
  Command.prototype.initPromise = function (...args) {
    if (context.isUsed()) this[CAUSE] = { cause: context.asking() }
    return Reflect.apply(initPromise, this, args)
  }
  Command.prototype.toWritable = function (...args) {
    const bytes = Reflect.apply(toWritable, this, args)
    const known = this[CAUSE]
    if (known !== undefined) {
      segment(typeof bytes === 'string' ? Buffer.byteLength(bytes) : toBuffer(bytes).length, known.cause)
    }
    return bytes
  }
}

module.exports = { command }
