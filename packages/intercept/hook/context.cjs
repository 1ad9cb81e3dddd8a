'use strict'

// Which request to the service the running code works for.
const { AsyncLocalStorage } = require('node:async_hooks')

const storage = new AsyncLocalStorage()
let forced
let isForced = false
/** Whether there ever was a request. Until then the storage stays unused, as using it makes every promise dearer (Node 22). */
let used = false

/** The request that the running code works for; undefined when that is not known. */
const current = () => (isForced ? forced : used ? storage.getStore() : undefined)

/** No request: what the service does by itself. Port 0 is no client's. An absent cause may be anybody's. */
const NOBODY = { clientPort: 0, ordinal: 0 }

/** Which request the code works for that asks for something here and now, and needs no driver to say it later. */
const asking = () => current() ?? NOBODY

function run(cause, work) {
  if (cause !== undefined) used = true
  return !used || storage.getStore() === cause ? work() : storage.run(cause, work)
}

/** For what a connection does by itself: it would otherwise stay in the request that happened to open it. */
const outside = (work) => run(undefined, work)

/** `fn`, in the request that is current now, and in no other context of the service. */
function bind(fn) {
  const cause = used ? storage.getStore() : undefined
  return function bound(...args) {
    return run(cause, () => fn.apply(this, args))
  }
}

/** Says for which request the bytes are that are written until `release`, whatever the running code works for. */
function force(cause) {
  forced = cause
  isForced = true
}

function release() {
  forced = undefined
  isForced = false
}

/** Whether there ever was a request that code could work for. */
const isUsed = () => used

module.exports = { NOBODY, isUsed, current, asking, run, outside, bind, force, release }
