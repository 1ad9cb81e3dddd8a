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

/** Commands that people type by hand. One of them on its own line is Redis where a setting says so, and nowhere else. */
const TYPED = new Set(
  'APPEND,ASKING,AUTH,BGSAVE,BLPOP,CLIENT,CLUSTER,COMMAND,CONFIG,DBSIZE,DEBUG,DECR,DEL,EVAL,EXISTS,EXPIRE,FLUSHALL,FLUSHDB,GET,HDEL,HGET,HGETALL,HSET,INCR,INFO,KEYS,LASTSAVE,LLEN,LPOP,LPUSH,LRANGE,MEMORY,MGET,MODULE,MONITOR,MSET,MULTI,PERSIST,PING,PSUBSCRIBE,PSYNC,PUBLISH,QUIT,READONLY,REPLICAOF,RESET,ROLE,RPOP,RPUSH,SADD,SCAN,SELECT,SET,SETEX,SHUTDOWN,SLAVEOF,SLOWLOG,SMEMBERS,SUBSCRIBE,SYNC,TIME,TTL,TYPE,UNLINK,XADD,XREAD,ZADD,ZRANGE'.split(
    ',',
  ),
)
/** Longer lines are typed by nobody. */
const LINE = 1024

/** The same for what is said to be one: empty commands, which are passed over, may come first, and any typed command. */
export function detectNamedRedis(first: Uint8Array): 'yes' | 'no' | 'more' {
  let at = 0
  while (at < first.length && [9, 10, 13, 32].includes(first[at] as number)) at += 1
  const verdict = detectRedis(first.subarray(at))
  return verdict === 'no' ? detectTyped(first.subarray(at)) : verdict
}

function detectTyped(first: Uint8Array): 'yes' | 'no' | 'more' {
  const text = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, LINE)).toString('latin1')
  const [, word = '', after] = /^([A-Za-z]{1,12})([ \r\n])?/.exec(text) ?? []
  if (word === '' || (after === undefined && word.length < text.length)) return 'no'
  if (after === undefined) return [...TYPED].some((command) => command.startsWith(word.toUpperCase())) ? 'more' : 'no'
  if (!TYPED.has(word.toUpperCase())) return 'no'
  const end = text.indexOf('\n')
  if (end === -1) return text.length < LINE ? 'more' : 'no'
  // `GET /` is a request of HTTP too, whose line ends in its version.
  return / HTTP\/\d(\.\d)?\r?$/.test(text.slice(0, end)) ? 'no' : 'yes'
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
