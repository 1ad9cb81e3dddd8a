'use strict'
// Patches what the hook patches and does nothing there: what is left is the cost of the functions in between.
const net = require('node:net')
const { prototype } = net.Socket
for (const name of ['connect', 'write', 'end', 'push', '_writeGeneric', '_final', '_destroy']) {
  const original = prototype[name]
  prototype[name] = function (...args) {
    return Reflect.apply(original, this, args)
  }
}
