/**
 * How many bits the code of each byte has (RFC 7541, appendix B). The code is canonical: within a length, codes count up
 * with the byte, so that the lengths are all there is to know.
 */
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
]

/** By length: the first code, where its symbols begin, and how many there are. */
interface Row {
  readonly first: number
  readonly start: number
  readonly count: number
}

const symbols: number[] = []
const rows: Row[] = []
for (let length = 0, code = 0; length <= 30; length += 1) {
  const start = symbols.length
  LENGTHS.forEach((one, symbol) => {
    if (one === length) symbols.push(symbol)
  })
  const count = symbols.length - start
  code *= 2
  rows.push({ first: code, start, count })
  code += count
}

/** Undoes the Huffman code of HPACK, one character per byte; nothing when the bytes are not in that code. */
export function decodeHuffman(bytes: Buffer): string | undefined {
  let text = ''
  let code = 0
  let length = 0
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = code * 2 + ((byte >> bit) & 1)
      length += 1
      const row = rows[length]
      if (row === undefined) return undefined
      const index = code - row.first
      if (index < 0 || index >= row.count) continue
      const symbol = symbols[row.start + index] as number
      if (symbol === 256) return undefined
      text += String.fromCharCode(symbol)
      code = 0
      length = 0
    }
  }
  // The rest has to be padding: at most seven bits, all of them ones.
  return length > 7 || code !== 2 ** length - 1 ? undefined : text
}
