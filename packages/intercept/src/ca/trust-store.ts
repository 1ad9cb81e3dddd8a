import { bmp, context, integer, objectId, octets, sequence, set } from '../tls/der.ts'

const DATA = '1.2.840.113549.1.7.1'
const CERT_BAG = '1.2.840.113549.1.12.10.1.3'
const X509 = '1.2.840.113549.1.9.22.1'
const FRIENDLY_NAME = '1.2.840.113549.1.9.20'
/** Java takes a certificate without a key for trusted only with this attribute (Oracle's trustedKeyUsage). */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1'
const ANY_USAGE = '2.5.29.37.0'

/**
 * A trust store that Java reads: PKCS#12 (RFC 7292) with certificates only, neither encrypted nor sealed, because nothing
 * in it is secret. It is read without a password.
 */
export function writeTrustStore(certificates: readonly Uint8Array[]): Buffer {
  const bags = certificates.map((certificate, index) =>
    sequence(
      objectId(CERT_BAG),
      context(0, sequence(objectId(X509), context(0, octets(certificate)))),
      set(attribute(FRIENDLY_NAME, bmp(`ca${index}`)), attribute(TRUSTED_KEY_USAGE, objectId(ANY_USAGE))),
    ),
  )
  const content = sequence(objectId(DATA), context(0, octets(sequence(...bags))))
  const safe = sequence(objectId(DATA), context(0, octets(sequence(content))))
  return sequence(integer(Buffer.from([3])), safe)
}

function attribute(id: string, value: Uint8Array): Buffer {
  return sequence(objectId(id), set(value))
}

/** The certificates of a PEM text, each once. */
export function certificatesOf(pem: string): Buffer[] {
  const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g)]
  return [...new Set(found.map(([, base64 = '']) => base64.replaceAll(/\s/g, '')))].map((text) =>
    Buffer.from(text, 'base64'),
  )
}
