/** The part in front of the first digit or random piece, up to its last separator: `session-` of `session-12345`. */
function wordPrefix(text: string): string {
  return /^(?:[A-Za-z]+[-_:.])+/.exec(text)?.[0] ?? ''
}

/**
 * Whether a live value can stand for a recorded one that has no known form: both whole numbers or neither, the same
 * leading word and quotes, no white space, and a length of the same order.
 */
export function sameShape(recorded: string, live: string): boolean {
  if (live === '' || /\s/.test(live)) return false
  const number = /^-?\d+$/
  if (number.test(recorded)) return number.test(live) && recorded.startsWith('-') === live.startsWith('-')
  if (number.test(live) || wordPrefix(recorded) !== wordPrefix(live)) return false
  for (const mark of ['W/"', '"']) if (recorded.startsWith(mark) !== live.startsWith(mark)) return false
  return live.length <= recorded.length * 3 && live.length * 3 >= recorded.length
}
