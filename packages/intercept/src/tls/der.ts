function lengthBytes(length: number): number[] {
  const bytes: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256)
  return bytes
}

/** The few forms of ASN.1's Distinguished Encoding Rules that a certificate needs. */
function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content
  const head = length < 128 ? [tag, length] : [tag, 0x80 + lengthBytes(length).length, ...lengthBytes(length)]
  return Buffer.concat([Buffer.from(head), content])
}

export function sequence(...parts: Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

export function set(...parts: Uint8Array[]): Buffer {
  return element(0x31, Buffer.concat(parts))
}

/** An integer from its big-endian bytes; a leading zero keeps it positive. */
export function integer(bytes: Uint8Array): Buffer {
  return element(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part & 127]
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128)
    bytes.push(...groups)
  }
  return element(0x06, Buffer.from(bytes))
}

export function utf8(text: string): Buffer {
  return element(0x0c, Buffer.from(text))
}

export function boolean(value: boolean): Buffer {
  return element(0x01, Buffer.from([value ? 255 : 0]))
}

export function bits(bytes: Uint8Array, unused = 0): Buffer {
  return element(0x03, Buffer.concat([Buffer.from([unused]), bytes]))
}

/** Text of the basic plane, as PKCS#12 has it. */
export function bmp(text: string): Buffer {
  return element(0x1e, Buffer.from(text, 'utf16le').swap16())
}

export function octets(bytes: Uint8Array): Buffer {
  return element(0x04, bytes)
}

/** A time up to the year 2049, to the second. */
export function time(milliseconds: number): Buffer {
  return element(0x17, Buffer.from(`${new Date(milliseconds).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
}

/** A context-specific element: `constructed` holds others, else bare bytes. */
export function context(number: number, content: Uint8Array, constructed = true): Buffer {
  return element((constructed ? 0xa0 : 0x80) + number, content)
}
