'use strict'
// Says at the end what Node itself counted on the connections that were opened.
const net = require('node:net')

// The matrix plays bytes back: a login fits again when the client names the same nonce as before.
const crypto = require('node:crypto')
const { randomBytes } = crypto
crypto.randomBytes = (size, ...rest) => (size === 18 ? Buffer.alloc(18, 7) : randomBytes(size, ...rest))
const { getRandomValues } = crypto.webcrypto.constructor.prototype
crypto.webcrypto.constructor.prototype.getRandomValues = function (array) {
  return array.byteLength === 18 ? array.fill(7) : Reflect.apply(getRandomValues, this, [array])
}
require('node:module').syncBuiltinESMExports()

const sockets = new Set()
if (process.env.COUNT_BYTES === '1') {
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (...args) {
    sockets.add(this)
    return Reflect.apply(connect, this, args)
  }
}
process.on('exit', () => {
  const sum = (name) => [...sockets].reduce((total, socket) => total + socket[name], 0)
  if (sockets.size > 0) process.stderr.write(`counted ${sum('bytesWritten')} ${sum('bytesRead')}\n`)
})
