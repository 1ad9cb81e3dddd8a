import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'

import { writeCertificate } from '../tls/certificate.ts'
import type { LocalCertificate } from '../tls/local-certificate.ts'

export interface LocalCaOptions {
  /** Milliseconds since the epoch; default the time of the call. */
  readonly now?: number
  /** Names by which relays are reached beside this machine's: `host.docker.internal`. Each certificate is valid for them too. */
  readonly reachedAs?: readonly string[]
}

/** An authority for one run. Its key exists in memory only, and is gone with the run. */
export interface LocalCa {
  /** The certificate of the authority, PEM: what the service has to trust. */
  readonly cert: string
  /** A certificate for a host, made when it is first asked for; valid for this machine too, where relays listen. */
  readonly certificateFor: (host: string) => LocalCertificate
}

/** More hosts than this are not kept; the oldest is made again when it is asked for. */
const MAX_CACHED = 1000

const HERE = ['localhost', '127.0.0.1', '::1']

/**
 * Makes an authority for one run, with keys on P-256.
 *
 * @example
 * const ca = createLocalCa()
 * const { cert, key } = ca.certificateFor('api.example.com')
 */
export function createLocalCa(options: LocalCaOptions = {}): LocalCa {
  const now = options.now ?? Date.now()
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  // One key for all hosts: making keys is what takes time, and all of them are gone with the run.
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  // A name of its own, so that no client takes it for the authority of another run that it still trusts.
  const name = `keploy-framework local authority ${randomBytes(6).toString('hex')}`
  const shared = { signingKey: authority.privateKey, now, validDays: 7 }
  const cert = writeCertificate({ ...shared, subject: name, publicKey: authority.publicKey, authority: true })
  const cache = new Map<string, LocalCertificate>()
  const issuer: { name: string; publicKey: KeyObject } = { name, publicKey: authority.publicKey }
  return {
    cert,
    certificateFor(host) {
      const subject = nameFor(host)
      const known = cache.get(subject)
      if (known !== undefined) return known
      const hosts = [...new Set([subject, ...HERE, ...(options.reachedAs ?? [])])]
      const made = writeCertificate({ ...shared, subject, publicKey: leaf.publicKey, hosts, authority: false, issuer })
      const certificate = { cert: made + cert, key }
      const oldest = cache.size >= MAX_CACHED ? cache.keys().next().value : undefined
      if (oldest !== undefined) cache.delete(oldest)
      cache.set(subject, certificate)
      return certificate
    },
  }
}

/** What a client asks for may be anything; what is no name becomes one that fits nothing. */
function nameFor(host: string): string {
  const plain = host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
  if (isIP(plain) !== 0) return plain
  return plain.length < 254 && /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(plain) ? plain : 'invalid'
}
