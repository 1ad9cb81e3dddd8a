/** What a client asks for when it begins TLS. */
export interface ClientHello {
  readonly servername?: string
  /** Protocols that it offers (ALPN), in its order. */
  readonly alpn: readonly string[]
}

/** A first message beyond this is none that a client sends. */
const MAX_HELLO = 65_536

/**
 * Reads the first message of TLS (RFC 8446, section 4.1.2), which may lie in several records. `more`: bytes are missing;
 * nothing: it is no TLS.
 */
export function readClientHello(bytes: Uint8Array): ClientHello | 'more' | undefined {
  const message = handshakeMessage(bytes)
  if (message === undefined || message === 'more') return message
  const reader = new Reader(message)
  reader.skip(2 + 32)
  reader.skip(reader.number(1))
  reader.skip(reader.number(2))
  reader.skip(reader.number(1))
  const extensions = new Reader(reader.take(reader.number(2)))
  let servername: string | undefined
  let alpn: string[] = []
  while (extensions.left >= 4) {
    const type = extensions.number(2)
    const content = new Reader(extensions.take(extensions.number(2)))
    if (type === 0) servername = nameOf(content)
    else if (type === 16) alpn = protocolsOf(content)
  }
  return { ...(servername !== undefined && { servername }), alpn }
}

/** The body of the first handshake message, put together from its records. */
function handshakeMessage(bytes: Uint8Array): Uint8Array | 'more' | undefined {
  const parts: Uint8Array[] = []
  let have = 0
  for (let at = 0; ;) {
    if (bytes.length > at && bytes[at] !== 22) return undefined
    if (bytes.length > at + 1 && bytes[at + 1] !== 3) return undefined
    if (bytes.length < at + 5) return bytes.length > MAX_HELLO ? undefined : 'more'
    const length = (bytes[at + 3] ?? 0) * 256 + (bytes[at + 4] ?? 0)
    if (length === 0 || length > 16_640) return undefined
    const part = bytes.subarray(at + 5, at + 5 + length)
    parts.push(part)
    have += part.length
    const first = parts[0] ?? part
    if (first[0] !== undefined && first[0] !== 1) return undefined
    const start = Buffer.concat(parts)
    if (have >= 4) {
      const size = start.readUIntBE(1, 3)
      if (size > MAX_HELLO) return undefined
      if (have >= 4 + size) return start.subarray(4, 4 + size)
    }
    if (part.length < length) return 'more'
    at += 5 + length
  }
}

function nameOf(reader: Reader): string | undefined {
  const list = new Reader(reader.take(reader.number(2)))
  const type = list.number(1)
  const name = Buffer.from(list.take(list.number(2))).toString('latin1')
  return type === 0 && /^[\w.-]{1,253}$/.test(name) ? name : undefined
}

function protocolsOf(reader: Reader): string[] {
  const list = new Reader(reader.take(reader.number(2)))
  const names: string[] = []
  while (list.left > 0) names.push(Buffer.from(list.take(list.number(1))).toString('latin1'))
  return names.filter((name) => name !== '')
}

/** Reads numbers and parts; beyond the end there is nothing. */
class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  number(size: 1 | 2): number {
    const part = this.take(size)
    return size === 1 ? (part[0] ?? 0) : (part[0] ?? 0) * 256 + (part[1] ?? 0)
  }

  take(size: number): Uint8Array {
    const part = this.#bytes.subarray(this.#at, this.#at + size)
    this.skip(size)
    return part
  }

  skip(size: number): void {
    this.#at = Math.min(this.#at + size, this.#bytes.length)
  }
}
