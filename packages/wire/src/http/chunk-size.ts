/** The size in a chunk-size line, extensions ignored; -1 when there is none. */
export function chunkSize(line: string): number {
  let size = 0
  let digits = 0
  for (let index = 0; index < line.length; index += 1) {
    const code = line.charCodeAt(index)
    let digit: number
    if (code >= 48 && code <= 57) digit = code - 48
    else if (code >= 97 && code <= 102) digit = code - 87
    else if (code >= 65 && code <= 70) digit = code - 55
    else if (code === 59 || code === 13 || code === 32 || code === 9) break
    else return -1
    size = size * 16 + digit
    digits += 1
    if (digits > 13) return -1
  }
  return digits === 0 ? -1 : size
}
