'use strict'

// A process of a Node that the hook was never tried with: its settings lead to relays already, and it is left as it is.
const http = require('node:http')
const net = require('node:net')
const { TYPES, json } = require('./frames.cjs')

function useRelays({ path, token }) {
  const socket = net.connect(path)
  socket.on('error', () => {})
  socket.end(json(TYPES.hello, 0, { token, role: 'unhooked', version: process.version }))
  socket.unref()
  // `fetch` and `http` of newer versions heed the proxy once they are told to.
  if (typeof http.setGlobalProxyFromEnv === 'function') http.setGlobalProxyFromEnv()
}

module.exports = { useRelays }
