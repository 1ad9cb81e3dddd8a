/** 1: letters and `_`; 2: digits; 3: `-`; 0: everything else. */
export const WORD: Uint8Array = new Uint8Array(128)
for (let c = 0; c < 128; c++) {
  if ((c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95) WORD[c] = 1
  else if (c >= 48 && c <= 57) WORD[c] = 2
  else if (c === 45) WORD[c] = 3
}

export function isWord(code: number): boolean {
  return code < 128 && WORD[code] !== 0
}

/** The end of the word that starts at `at`. */
export function wordEnd(text: string, at: number): number {
  let i = at
  while (i < text.length && isWord(text.charCodeAt(i))) i++
  return i
}
