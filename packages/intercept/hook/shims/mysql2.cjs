'use strict'

// mysql2 >= 3.
const context = require('../context.cjs')

const DONE = Symbol('keploy.patched')

function once(prototype, name, wrap) {
  if (prototype === undefined || !Object.hasOwn(prototype, name) || prototype[name][DONE]) return
  const original = prototype[name]
  prototype[name] = wrap(original)
  prototype[name][DONE] = true
}

function connection(Connection) {
  once(
    Connection.prototype,
    'addCommand',
    (original) =>
      function (command) {
        const { execute } = command
        if (typeof execute === 'function') command.execute = context.bind(execute)
        return Reflect.apply(original, this, [command])
      },
  )
}

function pool(Pool) {
  once(
    Pool.prototype,
    'getConnection',
    (original) =>
      function (callback) {
        return Reflect.apply(original, this, [typeof callback === 'function' ? context.bind(callback) : callback])
      },
  )
}

module.exports = { connection, pool }
