'use strict'

// Which connections lead to dependencies, and what they are called.
const net = require('node:net')
const dns = require('node:dns')

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|::1|0\.0\.0\.0|::|::ffff:127(\.\d+){3})$/i
const isLoopback = (host) => LOOPBACK.test(host)

/** A regular expression on the host, and a port (0 is any). One that only other engines know fits nothing. */
function createAddressRules(rules) {
  const known = rules.flatMap(({ host, port }) => {
    try {
      return [{ host: new RegExp(host, 'i'), port }]
    } catch {
      return []
    }
  })
  return (host, port) =>
    known.some((rule) => (port === 0 || rule.port === 0 || rule.port === port) && rule.host.test(host))
}

/** `db:5432`, `*:9229`, `*.internal:*`, or the path of a Unix socket. */
function createBypass(patterns) {
  const rules = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')}$`, 'i'),
  )
  return (name) => rules.some((rule) => rule.test(name))
}

function createTargets({ bypass = [], bypassRules = [], channel, replay, announce }) {
  const bypassed = createBypass(bypass)
  const ruled = createAddressRules(bypassRules)
  /** Ports and paths that this process listens on, with how many servers do; and those of its relatives. */
  const own = new Map()
  let relatives = new Set()
  const names = new Map()
  const invented = new Map()

  function count(key, by) {
    const total = (own.get(key) ?? 0) + by
    if (total > 0) own.set(key, total)
    else own.delete(key)
    if (total === (by > 0 ? 1 : 0)) announce(key, by > 0)
  }

  const listen = net.Server.prototype.listen
  net.Server.prototype.listen = function (...args) {
    let key
    this.once('listening', () => {
      const address = this.address()
      key = typeof address === 'string' ? address : address === null ? undefined : String(address.port)
      if (key !== undefined) count(key, 1)
    })
    this.once('close', () => {
      if (key !== undefined) count(key, -1)
    })
    return Reflect.apply(listen, this, args)
  }

  function known(result, name) {
    for (const entry of Array.isArray(result) ? result : [result]) {
      const address = typeof entry === 'string' ? entry : entry?.address
      if (typeof address === 'string' && net.isIP(name) === 0 && !isLoopback(address)) {
        if (names.size > 10_000) names.clear()
        names.set(address, name)
      }
    }
  }

  /** A replay asks nobody: each name has an address of its own, from the range that is kept for tests of networks. */
  function invent(name) {
    let address = invented.get(name)
    if (address === undefined) {
      const number = (invented.size % 65_000) + 1
      address = `198.18.${number >> 8}.${number & 255}`
      invented.set(name, address)
      names.set(address, name)
    }
    return address
  }

  /** What is reached for real has its real address, whichever port is asked for later. */
  const isReal = (name) => net.isIP(name) !== 0 || isLoopback(name) || ruled(name, 0)
  const invention = (name, options) => {
    const entry = { address: invent(name), family: 4 }
    return options?.all === true ? [entry] : entry
  }

  const lookup = dns.lookup
  dns.lookup = function (name, options, callback) {
    if (typeof options === 'function') return dns.lookup(name, {}, options)
    if (typeof callback !== 'function' || typeof name !== 'string')
      return Reflect.apply(lookup, this, [name, options, callback])
    if (replay && !isReal(name)) {
      const settings = typeof options === 'number' ? {} : options
      const found = invention(name, settings)
      setImmediate(() => (Array.isArray(found) ? callback(null, found) : callback(null, found.address, found.family)))
      return {}
    }
    return Reflect.apply(lookup, this, [
      name,
      options,
      (error, result, family) => {
        if (!error) known(result, name)
        callback(error, result, family)
      },
    ])
  }
  const lookupPromise = dns.promises.lookup
  dns.promises.lookup = async function (name, options) {
    if (replay && typeof name === 'string' && !isReal(name)) return invention(name, options)
    const result = await Reflect.apply(lookupPromise, this, [name, options])
    known(result, name)
    return result
  }

  return {
    setRelatives(keys) {
      relatives = new Set(keys)
    },
    own: () => [...own.keys()],
    /** Where a connection leads; undefined when it is none of a dependency. */
    of(options) {
      if (typeof options.path === 'string') {
        const { path } = options
        return path === channel || own.has(path) || relatives.has(path) || bypassed(path) ? undefined : { path }
      }
      const port = Number(options.port)
      if (!Number.isInteger(port) || port < 0 || port > 65_535) return undefined
      const asked = options.host === undefined || options.host === '' ? 'localhost' : String(options.host)
      const key = String(port)
      if ((own.has(key) || relatives.has(key)) && isLoopback(asked)) return undefined
      const host = names.get(asked) ?? asked
      if (bypassed(`${host}:${port}`) || bypassed(`${asked}:${port}`)) return undefined
      return ruled(host, port) || ruled(asked, port) ? undefined : { host, port }
    },
  }
}

module.exports = { createTargets, createBypass, isLoopback }
