/** Breaks at spaces; a longer word is broken where it must be. Control characters of file names are made visible. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  // eslint-disable-next-line no-control-regex
  for (const word of text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .split(/ +/)) {
    let rest = word
    if (line !== '' && line.length + 1 + rest.length > width) {
      lines.push(line)
      line = ''
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width))
      rest = rest.slice(width)
    }
    line = line === '' ? rest : `${line} ${rest}`
  }
  return line === '' ? lines : [...lines, line]
}
