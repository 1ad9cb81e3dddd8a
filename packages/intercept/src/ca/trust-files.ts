import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'

import { InterceptError } from '../errors.ts'
import { certificatesOf, writeTrustStore } from './trust-store.ts'

/** Files by which a service is told to trust the authority of a run. They hold certificates, no key. */
export interface TrustFiles {
  /** The authority alone. */
  readonly authority: string
  /** The authority, and what the service trusted in addition to its own roots (`NODE_EXTRA_CA_CERTS`). */
  readonly extra: string
  /** The authority, and all roots that the service trusted. */
  readonly bundle: string
  /** As `bundle`, for Java: PKCS#12 without a password. */
  readonly javaStore: string
}

export interface TrustFilesOptions {
  /** PEM of the authority. */
  readonly cert: string
  /** An existing folder of the run. */
  readonly folder: string
  /** The environment that the service is started with: it may name certificates of its own. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Where systems keep their roots, as one file. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

const NAMED = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'AWS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'PIP_CERT',
]

/**
 * Writes the files of `TrustFiles` into a folder.
 *
 * @throws InterceptError `KEPLOY_CA_WRITE` when the folder cannot be written.
 * @example
 * const files = await writeTrustFiles({ cert: ca.cert, folder: '/tmp/run', env: process.env })
 */
export async function writeTrustFiles({ cert, folder, env }: TrustFilesOptions): Promise<TrustFiles> {
  const roots = await trustedRoots(env)
  const own = await read(env['NODE_EXTRA_CA_CERTS'])
  const files: TrustFiles = {
    authority: join(folder, 'ca.pem'),
    extra: join(folder, 'extra-ca.pem'),
    bundle: join(folder, 'bundle.pem'),
    javaStore: join(folder, 'trust.p12'),
  }
  try {
    await writeFile(files.authority, cert)
    await writeFile(files.extra, `${cert}${own}`)
    await writeFile(files.bundle, `${cert}${roots}`)
    await writeFile(files.javaStore, writeTrustStore(certificatesOf(cert + roots)))
  } catch (cause) {
    throw new InterceptError(
      'KEPLOY_CA_WRITE',
      `The certificates of this run cannot be written to ${folder}: ${(cause as Error).message}. Free space, or check its rights.`,
      { cause },
    )
  }
  return files
}

/** The roots that a service with this environment trusts, as PEM: those of the system, or of Node, and those it names. */
export async function trustedRoots(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  let system = ''
  for (const file of SYSTEM_BUNDLES) system ||= await read(file)
  const named = await Promise.all([...new Set(NAMED.map((name) => env[name]))].map(read))
  return [system || rootCertificates.join('\n'), ...named].map((text) => text.trimEnd()).join('\n') + '\n'
}

async function read(file: string | undefined): Promise<string> {
  if (file === undefined || file === '') return ''
  const text = await readFile(file, 'latin1').catch(() => '')
  return text.includes('-----BEGIN CERTIFICATE-----') ? `${text.trimEnd()}\n` : ''
}
