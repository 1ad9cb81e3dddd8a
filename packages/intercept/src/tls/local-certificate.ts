import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'

import { bits, boolean, context, integer, objectId, octets, sequence, set, time, utf8 } from './der.ts'

/** A certificate and its key, both PEM. */
export interface LocalCertificate {
  readonly cert: string
  readonly key: string
}

export interface LocalCertificateOptions {
  /** Names and addresses it is valid for; default `localhost`, `127.0.0.1` and `::1`. */
  readonly hosts?: readonly string[]
  /** Milliseconds since the epoch; default the time of the call. */
  readonly now?: number
  /** Default 7. */
  readonly validDays?: number
}

const DAY = 86_400_000
const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'))

function addressBytes(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number))
  const [front = '', back] = host.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const missing = back === undefined ? 0 : 8 - groups(front).length - groups(back).length
  const all = [...groups(front), ...Array.from({ length: missing }, () => '0'), ...groups(back ?? '')]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value))
}

/**
 * Makes a self-signed P-256 certificate for a tap in front of an HTTPS service. The key exists in memory only; clients
 * have to be told to trust the certificate.
 *
 * @example
 * await startTap({ listen: { port: 8443 }, target, tls: createLocalCertificate({ hosts: ['localhost'] }), onEvent })
 */
export function createLocalCertificate(options: LocalCertificateOptions = {}): LocalCertificate {
  const hosts = options.hosts ?? ['localhost', '127.0.0.1', '::1']
  const now = options.now ?? Date.now()
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const name = sequence(set(sequence(objectId('2.5.4.3'), utf8(hosts[0] ?? 'localhost'))))
  const names = hosts.map((host) =>
    isIPv4(host) || isIPv6(host) ? context(7, addressBytes(host), false) : context(2, Buffer.from(host), false),
  )
  const keyId = createHash('sha1').update(spki.subarray(-65)).digest()
  const extensions = sequence(
    extension('2.5.29.19', true, sequence(boolean(true))),
    extension('2.5.29.15', true, bits(Buffer.from([0b10000100]), 2)),
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', false, sequence(...names)),
    extension('2.5.29.14', false, octets(keyId)),
  )
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    name,
    // An hour back, for clocks that differ.
    sequence(time(now - DAY / 24), time(now + (options.validDays ?? 7) * DAY)),
    name,
    spki,
    context(3, extensions),
  )
  const der = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, privateKey)))
  const lines = der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
