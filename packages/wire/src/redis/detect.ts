const INLINE = ['PING\r\n', 'INFO\r\n', 'QUIT\r\n', 'AUTH ', 'SELECT ', 'HELLO\r\n', 'HELLO 2', 'HELLO 3']
const REFUSALS = ['-ERR ', '-DENIED ', '-LOADING ']
/** An array, and the bulk string that is its first word. */
const ARRAY = /^\*[1-9]\d{0,6}\r\n\$[1-9]\d{0,2}\r\n[A-Za-z]/
const ARRAY_PATTERN = '*9\r\n$9\r\nA'

/** Whether a connection begins as clients of Redis begin it: with a command as an array, or with a well-known inline one. */
export function detectRedis(first: Uint8Array): 'yes' | 'no' | 'more' {
  const text = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, 24)).toString('latin1')
  if (text.startsWith('*')) {
    if (ARRAY.test(text)) return 'yes'
    return mayBecomeArray(text) ? 'more' : 'no'
  }
  const upper = text.toUpperCase()
  if (INLINE.some((command) => upper.startsWith(command))) return 'yes'
  return INLINE.some((command) => command.startsWith(upper)) ? 'more' : 'no'
}

/** The same for what is said to be one: empty commands, which are passed over, may come first. */
export function detectNamedRedis(first: Uint8Array): 'yes' | 'no' | 'more' {
  let at = 0
  while (at < first.length && [9, 10, 13, 32].includes(first[at] as number)) at += 1
  return detectRedis(first.subarray(at))
}

/** What servers say that take no connection, before they are asked: that there are too many, or that they are protected. */
export function detectRedisError(first: Uint8Array): 'yes' | 'no' | 'more' {
  const text = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, 8)).toString('latin1')
  if (REFUSALS.some((refusal) => text.startsWith(refusal))) return 'yes'
  return REFUSALS.some((refusal) => refusal.startsWith(text)) ? 'more' : 'no'
}

/** Whether the array of a command may begin like this: digits in a row stand for one. */
function mayBecomeArray(text: string): boolean {
  const shape = text.replaceAll(/\d+/g, '9')
  return text.length < 20 && ARRAY_PATTERN.startsWith(shape)
}
