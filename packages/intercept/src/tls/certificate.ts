import { createHash, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'

import { bits, boolean, context, integer, objectId, octets, sequence, set, time, utf8 } from './der.ts'

/** What a certificate says. */
export interface CertificateContent {
  readonly subject: string
  readonly publicKey: KeyObject
  /** Names and addresses it is valid for; none for an authority. */
  readonly hosts?: readonly string[]
  readonly authority: boolean
  /** Who signs; the subject itself by default. */
  readonly issuer?: { readonly name: string; readonly publicKey: KeyObject }
  readonly signingKey: KeyObject
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly validDays: number
}

const DAY = 86_400_000
const ECDSA_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'))

/** Writes and signs an X.509 certificate with keys on P-256, as PEM. */
export function writeCertificate(content: CertificateContent): string {
  const { now, publicKey, issuer, hosts = [] } = content
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const extensions = [
    extension('2.5.29.19', true, sequence(...(content.authority ? [boolean(true)] : []))),
    extension(
      '2.5.29.15',
      true,
      content.authority ? bits(Buffer.from([0b10000110]), 1) : bits(Buffer.from([0b10000000]), 7),
    ),
    ...(hosts.length === 0 ? [] : [extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1')))]),
    ...(hosts.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...hosts.map(alternativeName)))]),
    extension('2.5.29.14', false, octets(keyId(publicKey))),
    ...(issuer === undefined
      ? []
      : [extension('2.5.29.35', false, sequence(context(0, keyId(issuer.publicKey), false)))]),
  ]
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    commonName(issuer?.name ?? content.subject),
    // An hour back, for clocks that differ.
    sequence(time(now - DAY / 24), time(now + content.validDays * DAY)),
    commonName(content.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    context(3, sequence(...extensions)),
  )
  return pem(sequence(body, ECDSA_SHA256, bits(sign('sha256', body, content.signingKey))))
}

/** A certificate in the text form of files. */
export function pem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

/** Names have at most 64 characters there; the names that count stand in an extension. */
function commonName(name: string): Buffer {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8(name.slice(0, 64)))))
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest()
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value))
}

function alternativeName(host: string): Buffer {
  return isIPv4(host) || isIPv6(host) ? context(7, addressBytes(host), false) : context(2, Buffer.from(host), false)
}

function addressBytes(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number))
  // The URL parser writes every form of an address, one with a part of version 4 too, in the same way.
  const plain = new URL(`http://[${host.split('%', 1)[0] ?? ''}]`).hostname.slice(1, -1)
  const [front = '', back] = plain.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const missing = back === undefined ? 0 : 8 - groups(front).length - groups(back).length
  const all = [...groups(front), ...Array.from({ length: missing }, () => '0'), ...groups(back ?? '')]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
