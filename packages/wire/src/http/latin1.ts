interface Latin1Source {
  latin1Slice(start: number, end: number): string
}

/** The bytes as text, one character per byte. `latin1Slice` skips the look-up of the encoding's name. */
export function latin1(chunk: Buffer, start: number, end: number): string {
  return (chunk as unknown as Latin1Source).latin1Slice(start, end)
}
