import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

/** The fewest that clients take for SHA-256 (RFC 7677, the specification of MongoDB's authentication). */
const ITERATIONS = 4096

/** A conversation of SCRAM (RFC 5802) on the side of the server. */
export interface ScramServer {
  readonly first: string
  /** The last message, when the client has proved that it knows the password. */
  finish(clientFinal: string): string | undefined
}

/**
 * Begins a conversation. Everything that a server makes up (salt, nonce) follows from what the client sent, so that a
 * replay has no chance in it. Nothing when the first message is malformed.
 */
export function startScram(
  hash: 'sha1' | 'sha256',
  clientFirst: string,
  credentials: { readonly username: string; readonly password: string },
): ScramServer | undefined {
  const bare = /^[^,]*,[^,]*,(.*)$/s.exec(clientFirst)?.[1]
  const clientNonce = bare === undefined ? undefined : /(?:^|,)r=([^,]+)/.exec(bare)?.[1]
  if (bare === undefined || clientNonce === undefined) return undefined
  const digest = (text: string): Buffer => createHash(hash).update(text).digest()
  const salt = digest(`salt ${credentials.username}`).subarray(0, hash === 'sha1' ? 16 : 20)
  const nonce = `${clientNonce}${digest(`nonce ${clientNonce}`).toString('hex').slice(0, 24)}`
  const first = `r=${nonce},s=${salt.toString('base64')},i=${ITERATIONS}`
  return {
    first,
    finish(clientFinal) {
      const parts = /^(.*),p=([^,]+)$/s.exec(clientFinal)
      const [, unproved, proof] = parts ?? []
      if (unproved === undefined || proof === undefined || !unproved.includes(`r=${nonce}`)) return undefined
      const salted = saltPassword(hash, credentials, salt)
      const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
      const said = `${bare},${first},${unproved}`
      const clientKey = hmac(salted, 'Client Key')
      const signature = hmac(createHash(hash).update(clientKey).digest(), said)
      const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number)))
      const given = Buffer.from(proof, 'base64')
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
      return `v=${hmac(hmac(salted, 'Server Key'), said).toString('base64')}`
    },
  }
}

function saltPassword(
  hash: 'sha1' | 'sha256',
  { username, password }: { readonly username: string; readonly password: string },
  salt: Buffer,
): Buffer {
  // With SHA-1 the password is what older servers kept; with SHA-256 it is prepared text (nearly NFKC).
  const secret =
    hash === 'sha1'
      ? createHash('md5').update(`${username}:mongo:${password}`).digest('hex')
      : password.normalize('NFKC')
  return pbkdf2Sync(secret, salt, ITERATIONS, hash === 'sha1' ? 20 : 32, hash)
}
