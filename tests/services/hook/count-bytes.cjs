'use strict'
// Says at the end what Node itself counted on the connections that were opened.
const net = require('node:net')

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
