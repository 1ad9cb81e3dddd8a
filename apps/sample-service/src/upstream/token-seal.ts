import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Whose token it is: a sealed token of one user cannot be opened as that of another. */
export interface SealOwner {
  tenant: string
  id: string
}

/**
 * Seals tokens of users (AES-256-GCM), because the steps of a chain wait in Postgres and Kafka, where nobody shall find
 * a token that opens something.
 *
 * @example
 * const seal = new TokenSeal('a secret of at least 32 characters.')
 * seal.open(seal.close('Bearer t1', owner), owner) // 'Bearer t1'
 */
export class TokenSeal {
  readonly #key: Buffer

  /** All roles need the same secret. Without one a key is made that ends with the process. */
  constructor(secret?: string) {
    this.#key =
      secret === undefined ? randomBytes(32) : Buffer.from(hkdfSync('sha256', secret, '', 'upstream tokens', 32))
  }

  close(token: string, owner: SealOwner): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(nameOf(owner))
    const text = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
  }

  /** The token; undefined for what was sealed by another key, for somebody else, or was changed. */
  open(sealed: string, owner: SealOwner): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url')
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
    const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    }).setAAD(nameOf(owner))
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    } catch {
      return undefined
    }
  }
}

const nameOf = ({ tenant, id }: SealOwner): Buffer => Buffer.from(JSON.stringify([tenant, id]))
