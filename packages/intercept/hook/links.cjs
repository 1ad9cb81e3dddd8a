'use strict'

// What a socket has to do with the hook.
const net = require('node:net')
const tls = require('node:tls')

const LINK = Symbol('keploy.link')

/** The connection that a socket belongs to; that of a TLS socket over another one is the other one's. */
function linkOf(socket) {
  const link = socket[LINK]
  if (link !== undefined) return link
  const parent = socket._parent
  if (parent === undefined || parent === null || parent[LINK] === undefined) return undefined
  socket[LINK] = parent[LINK]
  return parent[LINK]
}

/** Options and callback of a `connect`, which Node's own calls have normalized already. */
const normalize = (args) => (Array.isArray(args[0]) ? args[0] : net._normalizeArgs(args))

function protocols(offered) {
  if (Array.isArray(offered)) return offered.map((name) => Buffer.from(name).toString('latin1'))
  if (!ArrayBuffer.isView(offered)) return []
  const bytes = Buffer.from(offered.buffer, offered.byteOffset, offered.byteLength)
  const found = []
  for (let offset = 0; offset < bytes.length; offset += 1 + bytes[offset]) {
    found.push(bytes.toString('latin1', offset + 1, offset + 1 + bytes[offset]))
  }
  return found
}

/** What a client asks of TLS. */
function tlsOf(socket, options) {
  if (!(socket instanceof tls.TLSSocket)) return {}
  const servername = options.servername ?? (net.isIP(options.host ?? '') === 0 ? options.host : undefined)
  const alpn = protocols(options.ALPNProtocols)
  return {
    tls: {
      verify: options.rejectUnauthorized !== false,
      ...(typeof servername === 'string' && servername !== '' && { servername }),
      ...(alpn.length > 0 && { alpn }),
    },
  }
}

/** Drivers that join commands of many requests to one write, where no shim can tell them apart: by who connects. */
const BATCHING = /[/\\]node_modules[/\\]postgres[/\\]/
const NOTHING = { cause: undefined }

/** What a write belongs to when the code that runs is not to be believed. */
const overrideOf = () => (BATCHING.test(String(new Error('connect').stack)) ? NOTHING : undefined)

module.exports = { overrideOf, LINK, linkOf, normalize, tlsOf }
