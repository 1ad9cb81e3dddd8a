import { X509Certificate } from 'node:crypto'

import { expect, test } from 'vitest'

import { createLocalCa } from './local-ca.ts'

test('certificates for a host are signed by the authority, valid for it and for this machine, and made once', () => {
  const ca = createLocalCa({ reachedAs: ['host.docker.internal'] })
  const authority = new X509Certificate(ca.cert)
  expect(authority.ca).toBe(true)
  expect(authority.verify(authority.publicKey)).toBe(true)
  const made = ca.certificateFor('API.example.com')
  expect(ca.certificateFor('api.example.com')).toBe(made)
  const leaf = new X509Certificate(made.cert)
  expect(leaf.ca).toBe(false)
  expect(leaf.checkIssued(authority) && leaf.verify(authority.publicKey)).toBe(true)
  expect(leaf.checkHost('api.example.com')).toBe('api.example.com')
  expect(leaf.checkHost('host.docker.internal')).toBe('host.docker.internal')
  expect(leaf.checkHost('other.example.com')).toBeUndefined()
  expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(made.key).toContain('PRIVATE KEY')
  expect(ca.cert).not.toContain('PRIVATE')
})

test.each(['10.1.2.3', '2001:db8::1', '::ffff:10.0.0.1'])('an address is one in the certificate too: %s', (host) => {
  const leaf = new X509Certificate(createLocalCa().certificateFor(host).cert)
  expect(leaf.checkIP(host)).toBe(host)
})

test.each(['', '*.example.com', 'a\u0000b', 'x'.repeat(5000), '*', 'ä.example'])(
  'no certificate is made for what is no name: %j',
  (host) => {
    const leaf = new X509Certificate(createLocalCa().certificateFor(host).cert)
    expect(leaf.subject).toBe('CN=invalid')
  },
)

test('the certificates of more than 1000 hosts do not pile up', () => {
  const ca = createLocalCa()
  const first = ca.certificateFor('h0.example')
  for (let index = 1; index < 1001; index += 1) ca.certificateFor(`h${index}.example`)
  expect(ca.certificateFor('h0.example')).not.toBe(first)
})
