import { isIPv6 } from 'node:net'

import type { Address } from './setting.ts'

const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?$/

/** The longest list that is looked at; a longer one is no list of servers. */
const MAX_HOSTS = 256

/** One `host`, `host:port`, `[v6]` or `[v6]:port`; nothing when it is none of these. */
export function parseHost(text: string, defaultPort: number): Address | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{0,5}))?$/.exec(text)
  if (match === null) return isIPv6(text) ? { host: text, port: defaultPort } : undefined
  const [, six, name = '', digits = ''] = match
  const port = digits === '' ? defaultPort : Number(digits)
  if (port < 1 || port > 65_535) return undefined
  if (six !== undefined) return isIPv6(six.split('%', 1)[0] ?? '') ? { host: six, port } : undefined
  return name.length < 256 && HOST.test(name) ? { host: name, port } : undefined
}

/** A list of hosts with commas; nothing when one of them is none. */
export function parseHosts(text: string, defaultPort: number): Address[] | undefined {
  const parts = text.split(',', MAX_HOSTS + 1)
  if (parts.length > MAX_HOSTS) return undefined
  const hosts: Address[] = []
  for (const part of parts) {
    const host = parseHost(part.trim(), defaultPort)
    if (host === undefined) return undefined
    hosts.push(host)
  }
  return hosts
}
