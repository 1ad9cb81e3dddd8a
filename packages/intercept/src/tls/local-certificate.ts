import { generateKeyPairSync } from 'node:crypto'

import { writeCertificate } from './certificate.ts'

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

/**
 * Makes a self-signed P-256 certificate for a tap in front of an HTTPS service. The key exists in memory only; clients
 * have to be told to trust the certificate.
 *
 * @example
 * await startTap({ listen: { port: 8443 }, target, tls: createLocalCertificate({ hosts: ['localhost'] }), onEvent })
 */
export function createLocalCertificate(options: LocalCertificateOptions = {}): LocalCertificate {
  const hosts = options.hosts ?? ['localhost', '127.0.0.1', '::1']
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cert = writeCertificate({
    subject: hosts[0] ?? 'localhost',
    publicKey,
    signingKey: privateKey,
    hosts,
    authority: true,
    now: options.now ?? Date.now(),
    validDays: options.validDays ?? 7,
  })
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
