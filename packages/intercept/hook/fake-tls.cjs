'use strict'

// What a TLS socket shows once it is secure, for one that never was.
const { createHash } = require('node:crypto')

const DAY = 86_400_000

/** A certificate that fits the name that was asked for. */
function certificate(name) {
  const raw = Buffer.from(`certificate of ${name}`)
  const digest = (algorithm) => createHash(algorithm).update(raw).digest('hex').toUpperCase().match(/../g).join(':')
  const at = (offset) => `${new Date(Date.now() + offset).toUTCString().slice(5, 25)} GMT`
  return {
    subject: { CN: name },
    issuer: { CN: 'keploy-framework replay' },
    subjectaltname: /^[\d.]+$|:/.test(name) ? `IP Address:${name}` : `DNS:${name}`,
    infoAccess: {},
    ca: false,
    valid_from: at(-DAY),
    valid_to: at(365 * DAY),
    fingerprint: digest('sha1'),
    fingerprint256: digest('sha256'),
    fingerprint512: digest('sha512'),
    serialNumber: '01',
    raw,
  }
}

function becomeSecure(socket, link) {
  if (socket.destroyed) return
  const name = link.target.host ?? 'localhost'
  const methods = {
    getPeerCertificate: () => certificate(typeof socket.servername === 'string' ? socket.servername : name),
    getCertificate: () => ({}),
    getPeerX509Certificate: () => undefined,
    getX509Certificate: () => undefined,
    getCipher: () => ({ name: 'TLS_AES_256_GCM_SHA384', standardName: 'TLS_AES_256_GCM_SHA384', version: 'TLSv1.3' }),
    getProtocol: () => 'TLSv1.3',
    getSession: () => undefined,
    getTLSTicket: () => undefined,
    getEphemeralKeyInfo: () => ({}),
    getFinished: () => undefined,
    getPeerFinished: () => undefined,
    getSharedSigalgs: () => [],
    isSessionReused: () => false,
    exportKeyingMaterial: (length) => Buffer.alloc(length),
  }
  for (const [key, value] of Object.entries(methods))
    Object.defineProperty(socket, key, { value, configurable: true, writable: true })
  // It would take the end of the connection for an end before TLS was there.
  for (const listener of socket.listeners('end'))
    if (listener.name === 'onConnectEnd') socket.removeListener('end', listener)
  socket.authorized = true
  socket.authorizationError = null
  socket.secureConnecting = false
  socket._secureEstablished = true
  socket.alpnProtocol = link.alpn ?? false
  socket.emit('secureConnect')
  if (socket.readable && !socket.isPaused()) socket.read(0)
}

module.exports = { becomeSecure }
