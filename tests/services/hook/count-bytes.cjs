'use strict'
// Says at the end what Node itself counted on the connections that were opened.
const diagnostics = require('node:diagnostics_channel')
const sockets = new Set()
diagnostics.subscribe('net.client.socket', ({ socket }) => {
  if (process.env.COUNT_BYTES === '1') sockets.add(socket)
})
process.on('exit', () => {
  const sum = (name) => [...sockets].reduce((total, socket) => total + socket[name], 0)
  if (sockets.size > 0) process.stderr.write(`counted ${sum('bytesWritten')} ${sum('bytesRead')}\n`)
})
