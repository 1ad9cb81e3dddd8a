import { decodeComponent } from './route.ts'
import { isInQuery, writings } from './secret-text.ts'
import type { SecretText } from './secret-text.ts'

/** The pieces of a live text that stand where a recorded one has secrets, or why there are none. */
export function alignSecrets(
  { literals, numbers }: SecretText,
  live: string,
  known: (number: number) => string | undefined,
): string[] | string {
  const [first = ''] = literals
  if (!live.startsWith(first)) return 'the text around the secret differs'
  const pieces: string[] = []
  let at = first.length
  for (const [index, number] of numbers.entries()) {
    const after = literals[index + 1] ?? ''
    const last = index === numbers.length - 1
    const end = endOfKnown(live, at, after, last, known(number)) ?? endOfUnknown(live, at, after, last)
    if (end <= at || !live.startsWith(after, end)) return 'there is no secret in its place'
    pieces.push(live.slice(at, end))
    at = end + after.length
  }
  return pieces
}

function endOfKnown(live: string, at: number, after: string, last: boolean, value?: string): number | undefined {
  for (const text of value === undefined ? [] : writings(value)) {
    const end = at + text.length
    if (text === '' || !live.startsWith(text, at) || !live.startsWith(after, end)) continue
    if (!last || end + after.length === live.length) return end
  }
  return undefined
}

/** Up to the literal that follows. Two that touch can't be told apart when the first is unknown. */
function endOfUnknown(live: string, at: number, after: string, last: boolean): number {
  if (last) return live.length - after.length
  return after === '' ? -1 : live.indexOf(after, at + 1)
}

/** A secret as it is kept: what a query or a cookie encodes is undone. */
export function decodedSecret(piece: string, before: string, cookie: boolean): string {
  if (isInQuery(before)) return decodeComponent(piece.replaceAll('+', ' '))
  return cookie ? decodeComponent(piece) : piece
}
