'use strict'

// pg >= 8, pg-pool >= 3.
const context = require('../context.cjs')

const CAUSE = Symbol('keploy.cause')
/** Rows come one by one and never make the client write. */
const quiet = new Set(['handleDataRow', 'handleRowDescription'])

function follow(target, name) {
  const original = target[name]
  Object.defineProperty(target, name, {
    configurable: true,
    writable: true,
    value(...args) {
      return CAUSE in this
        ? context.run(this[CAUSE], () => Reflect.apply(original, this, args))
        : Reflect.apply(original, this, args)
    },
  })
}

function query(Query) {
  for (const name of Object.getOwnPropertyNames(Query.prototype)) {
    if (name === 'submit' || (name.startsWith('handle') && !quiet.has(name))) follow(Query.prototype, name)
  }
  // Nearly all queries are made within `client.query`, by the code that asks.
  const { prepare } = Query.prototype
  if (typeof prepare === 'function') follow(Query.prototype, 'prepare')
}

/** The query under way, without the getter that newer versions warn about. */
function activeOf(connection) {
  return '_activeQuery' in connection ? connection._activeQuery : connection.activeQuery
}

function client(Client) {
  const { query: original } = Client.prototype
  Client.prototype.query = function (...args) {
    const cause = context.asking()
    const given = args[0]
    const waiting = this._queryQueue
    if (given !== null && typeof given === 'object' && typeof given.submit === 'function') {
      given[CAUSE] = cause
      if (!(CAUSE in Object.getPrototypeOf(given)) && given.submit.name !== 'value') follow(given, 'submit')
    }
    const before = activeOf(this)
    // What is written at once says so as well.
    if (cause === context.NOBODY) context.force(cause)
    let result
    try {
      result = Reflect.apply(original, this, args)
    } finally {
      if (cause === context.NOBODY) context.release()
    }
    const active = activeOf(this)
    if (active !== before && active && !(CAUSE in active)) active[CAUSE] = cause
    for (let index = (waiting?.length ?? 0) - 1; index >= 0 && !(CAUSE in waiting[index]); index--)
      waiting[index][CAUSE] = cause
    return result
  }
}

function pool(Pool) {
  const { connect } = Pool.prototype
  Pool.prototype.connect = function (callback) {
    return Reflect.apply(connect, this, [typeof callback === 'function' ? context.bind(callback) : callback])
  }
}

module.exports = { client, query, pool }
