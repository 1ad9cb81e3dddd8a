import type { CallContent, Value } from '@keploy-framework/format'
import { describe, expect, test } from 'vitest'

import type { MockAnswer, MockRequest } from '../protocol/mock-server.ts'
import type { ReadCall } from '../protocol/protocol.ts'
import { adaptReply } from './adapt-reply.ts'
import { encodeCommand, encodeReply } from './encode-reply.ts'
import { redisProtocol } from './redis-protocol.ts'

const { match, mocks } = redisProtocol
const sha = 'a'.repeat(40)

/** Reads what a client and a server said in turns. */
function read(...turns: readonly (readonly [readonly (readonly string[])[], string])[]): ReadCall[] {
  const calls: ReadCall[] = []
  let ids = 0
  const reader = redisProtocol.createReader({ connection: 7, nextId: () => ++ids }, (event) => {
    if (event.type === 'call') calls.push(event.call)
  })
  for (const [commands, replies] of turns) {
    for (const words of commands) reader.push('client', encodeCommand(words), 1)
    reader.push('server', Buffer.from(replies), 2)
  }
  reader.end('server', 3)
  return calls
}

/** A server that answers from a table of described requests. */
function serve(
  table: Readonly<Record<string, MockAnswer>>,
  recorded: readonly { request: Value; response?: Value }[] = [],
) {
  const seen = {
    sent: '',
    asked: [] as MockRequest[],
    timers: [] as { delayMs: number; run: () => void }[],
    closed: '',
  }
  const server = redisProtocol.createMockServer({
    answer(request) {
      seen.asked.push(request)
      return (
        table[redisProtocol.describe(request.request)] ?? {
          type: 'miss',
          message: `nothing answers ${redisProtocol.describe(request.request)}`,
        }
      )
    },
    send: (bytes) => (seen.sent += Buffer.from(bytes).toString()),
    close: (how) => (seen.closed = how),
    schedule(delayMs, run) {
      seen.timers.push({ delayMs, run })
      return () => seen.timers.splice(0)
    },
    startTls: () => undefined,
    address: { host: '127.0.0.1', port: 7777 },
    recorded: () => recorded,
  })
  const say = (...commands: readonly (readonly string[])[]): string => {
    seen.sent = ''
    server.push(Buffer.concat(commands.map((words) => encodeCommand(words))))
    return seen.sent
  }
  return { server, seen, say }
}

const answer = (response: Value): MockAnswer => ({ type: 'answer', response })
const shape = (calls: readonly ReadCall[]) =>
  calls.map(({ operation, request, response }) => [operation, request, response])

describe('reading Redis', () => {
  test('the usual replies stand as people would write them', () => {
    expect(
      shape(
        read([
          [
            ['GET', 'a'],
            ['INCR', 'n'],
            ['GET', 'x'],
            ['SET', 'a', 'b'],
            ['LRANGE', 'l', '0', '-1'],
            ['INCR', 'a'],
            ['INCR', 'big'],
          ],
          '$1\r\nb\r\n:3\r\n$-1\r\n+OK\r\n*2\r\n$1\r\na\r\n$-1\r\n-ERR no\r\n:9223372036854775807\r\n',
        ]),
      ).map(([, , response]) => response),
    ).toEqual(['b', 3, null, { status: 'OK' }, ['a', null], { error: 'ERR no' }, { integer: '9223372036854775807' }])
  })

  test('the selected database is part of a request, also within a pipeline and after a failed SELECT', () => {
    const calls = read([
      [['GET', 'a'], ['SELECT', '2'], ['GET', 'a'], ['SELECT', '99'], ['GET', 'a'], ['PING']],
      '$-1\r\n+OK\r\n$-1\r\n-ERR\r\n$-1\r\n+PONG\r\n',
    ])
    expect(calls.map(({ request }) => request)).toEqual([
      { command: 'GET', args: ['a'] },
      { command: 'SELECT', args: ['2'] },
      { command: 'GET', args: ['a'], db: 2 },
      { command: 'SELECT', args: ['99'] },
      { command: 'GET', args: ['a'], db: 2 },
      { command: 'PING', args: [] },
    ])
  })

  test('a transaction is one call, what was refused in it another one', () => {
    expect(
      shape(
        read([
          [['MULTI'], ['SET', 'a', '1'], ['SET'], ['GET', 'a'], ['EXEC']],
          '+OK\r\n+QUEUED\r\n-ERR args\r\n+QUEUED\r\n-EXECABORT x\r\n',
        ]),
      ),
    ).toEqual([
      ['SET', { command: 'SET', args: [], transaction: true }, { error: 'ERR args' }],
      [
        'EXEC',
        {
          command: 'EXEC',
          args: [],
          commands: [
            { command: 'SET', args: ['a', '1'] },
            { command: 'GET', args: ['a'] },
          ],
        },
        { error: 'EXECABORT x' },
      ],
    ])
  })

  test('no password is in a call', () => {
    const calls = read(
      [
        [
          ['AUTH', 'hush'],
          ['AUTH', 'ada', 'hush'],
          ['HELLO', '2', 'AUTH', 'ada', 'hush', 'SETNAME', 'me'],
          ['CONFIG', 'SET', 'requirepass', 'hush'],
        ],
        '+OK\r\n+OK\r\n*0\r\n+OK\r\n',
      ],
      [
        [
          ['MIGRATE', 'h', '1', 'k', '0', '5', 'AUTH2', 'ada', 'hush'],
          ['ACL', 'SETUSER', 'ada', '>hush'],
          ['CONFIG', 'GET', 'requirepass'],
        ],
        '+OK\r\n+OK\r\n*2\r\n$11\r\nrequirepass\r\n$4\r\nhush\r\n',
      ],
    )
    expect(calls).toHaveLength(7)
    expect(JSON.stringify(calls)).not.toContain('hush')
    expect(calls[2]?.request).toEqual({ command: 'HELLO', args: ['2', 'SETNAME', 'me'], user: 'ada' })
    expect(calls.slice(0, 3).map(({ lifetime }) => lifetime)).toEqual(['connection', 'connection', 'connection'])
  })

  test('a connection that ends before the answer is told by its first open call', () => {
    const calls = read([
      [
        ['GET', 'a'],
        ['GET', 'b'],
        ['GET', 'c'],
      ],
      '$-1\r\n',
    ])
    expect(calls.map(({ state, ended }) => [state, ended])).toEqual([
      ['complete', undefined],
      ['complete', 'end'],
      ['aborted', undefined],
    ])
  })

  test('commands that get no reply do not take those of others', () => {
    const calls = read([
      [
        ['CLIENT', 'REPLY', 'SKIP'],
        ['SET', 'a', '1'],
        ['GET', 'a'],
        ['CLIENT', 'REPLY', 'OFF'],
        ['GET', 'x'],
        ['CLIENT', 'REPLY', 'ON'],
      ],
      '$1\r\n1\r\n+OK\r\n',
    ])
    expect(calls.map(({ operation, response }) => [operation, response])).toEqual([
      ['CLIENT REPLY', undefined],
      ['SET', undefined],
      ['GET', '1'],
      ['CLIENT REPLY', undefined],
      ['GET', undefined],
      ['CLIENT REPLY', { status: 'OK' }],
    ])
  })
})

describe('a mock server of Redis', () => {
  test('a blocking command without an answer holds up those behind it, and ends as one without news', () => {
    const { say, seen, server } = serve({ 'GET a': answer('x') })
    expect(say(['GET', 'a'], ['BLPOP', 'l', '0.5'], ['GET', 'a'])).toBe('$1\r\nx\r\n')
    expect(seen.timers.map(({ delayMs }) => delayMs)).toEqual([500])
    seen.timers[0]?.run()
    expect(seen.sent).toBe('$1\r\nx\r\n*-1\r\n$1\r\nx\r\n')
    expect(say(['BLPOP', 'l', '0'], ['GET', 'a'])).toBe('')
    expect(seen.timers).toHaveLength(1)
    server.close()
  })

  test('what was not recorded is one line of an error, also in a transaction', () => {
    const { say } = serve({ 'GET a': answer('x') })
    expect(say(['SET', 'a\r\nb', '1'], ['GET', 'a'])).toBe(
      '-ERR keploy: nothing answers SET "a\\r\\nb" 1\r\n$1\r\nx\r\n',
    )
    expect(say(['MULTI'], ['GET', 'a'], ['EXEC'], ['GET', 'a'])).toBe(
      '+OK\r\n+QUEUED\r\n-ERR keploy: nothing answers MULTI; GET a; EXEC\r\n$1\r\nx\r\n',
    )
  })

  test('set-up is answered in the version that the client asks for', () => {
    const { say } = serve({
      'HGETALL h': answer(['f', 'v']),
      'SMEMBERS s': answer({ set: ['a'] }),
      'GET a': answer(null),
      'GET a (db 3)': answer('three'),
    })
    expect(say(['HGETALL', 'h'], ['SMEMBERS', 's'], ['GET', 'a'])).toBe(
      '*2\r\n$1\r\nf\r\n$1\r\nv\r\n*1\r\n$1\r\na\r\n$-1\r\n',
    )
    expect(say(['HELLO', '4'])).toBe('-NOPROTO unsupported protocol version\r\n')
    expect(say(['HELLO', '3', 'AUTH', 'u', 'p'])).toMatch(/^%7\r\n\$6\r\nserver\r\n\$5\r\nredis\r\n/)
    expect(say(['HGETALL', 'h'], ['SMEMBERS', 's'], ['GET', 'a'])).toBe(
      '%1\r\n$1\r\nf\r\n$1\r\nv\r\n~1\r\n$1\r\na\r\n_\r\n',
    )
    expect(
      say(
        ['AUTH', 'x'],
        ['SELECT', '3'],
        ['GET', 'a'],
        ['PING'],
        ['ECHO', 'e'],
        ['CLIENT', 'SETNAME', 'n'],
        ['CLIENT', 'GETNAME'],
      ),
    ).toBe('+OK\r\n+OK\r\n$5\r\nthree\r\n+PONG\r\n$1\r\ne\r\n+OK\r\n$1\r\nn\r\n')
    expect(say(['RESET'], ['GET', 'a'], ['SCRIPT', 'LOAD', 'return 1'])).toBe(
      '+RESET\r\n$-1\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n',
    )
  })

  test('pushes have the form of the version, and invalidations none in RESP2', () => {
    const { say, seen, server } = serve({}, [{ request: { command: 'SUBSCRIBE', args: ['a', 'b'] } }])
    expect(say(['SUBSCRIBE', 'b'], ['PING'])).toBe(
      '*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:1\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n',
    )
    seen.sent = ''
    server.deliver({ push: ['message', 'b', 'x'] })
    server.deliver({ push: ['invalidate', ['k']] })
    expect(seen.sent).toBe('*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$1\r\nx\r\n')
    say(['HELLO', '3'])
    seen.sent = ''
    server.deliver({ push: ['invalidate', ['k']] })
    expect(seen.sent).toBe('>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n')
    expect(say(['SUBSCRIBE', 'other'])).toContain('-ERR keploy')
  })

  test('addresses of a cluster and of sentinels are its own', () => {
    const slots: Value = [[0, 5460, ['10.0.0.1', 7000, 'id', []], ['10.0.0.2', 7001, 'id2', []]]]
    const { say } = serve({
      'GET a': answer({ error: 'MOVED 15495 10.0.0.2:7001' }),
      'CLUSTER SLOTS': answer(slots),
      'CLUSTER NODES': answer('id 10.0.0.1:7000@17000 myself,master - 0\nid2 10.0.0.2:7001@17001,host slave\n'),
      'CLUSTER SHARDS': answer([
        ['slots', [0, 1], 'nodes', [['id', 'x', 'port', 7000, 'ip', '10.0.0.1', 'endpoint', '10.0.0.1']]],
      ]),
      'SENTINEL get-master-addr-by-name m': answer(['10.0.0.1', '6379']),
      'SENTINEL replicas m': answer([['name', '10.0.0.3:6379', 'ip', '10.0.0.3', 'port', '6379', 'flags', 'slave']]),
    })
    expect(say(['GET', 'a'])).toBe('-MOVED 15495 127.0.0.1:7777\r\n')
    expect(say(['CLUSTER', 'SLOTS'])).toBe(
      encodeReply([[0, 5460, ['127.0.0.1', 7777, 'id', []], ['127.0.0.1', 7777, 'id2', []]]], 2).toString(),
    )
    expect(say(['CLUSTER', 'NODES'])).toContain(
      'id 127.0.0.1:7777@17000 myself,master - 0\nid2 127.0.0.1:7777@17001,host slave\n',
    )
    expect(say(['CLUSTER', 'SHARDS'])).toContain(
      '$4\r\nport\r\n:7777\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n$8\r\nendpoint\r\n$9\r\n127.0.0.1\r\n',
    )
    expect(say(['SENTINEL', 'get-master-addr-by-name', 'm'])).toBe('*2\r\n$9\r\n127.0.0.1\r\n$4\r\n7777\r\n')
    expect(say(['SENTINEL', 'replicas', 'm'])).toBe(
      encodeReply([['name', '127.0.0.1:7777', 'ip', '127.0.0.1', 'port', '7777', 'flags', 'slave']], 2).toString(),
    )
  })

  test('a sentinel that tells of a new master, or of all, names the mock server', () => {
    const fields: Value = { map: { name: 'm', ip: '10.0.0.1', port: '6379' } }
    const { say, seen, server } = serve({ 'SENTINEL masters': answer([fields]), 'SENTINEL master m': answer(fields) })
    server.deliver({ push: ['message', '+switch-master', 'm 10.0.0.1 6379 10.0.0.2 6380'] })
    expect(seen.sent).toBe(encodeReply(['message', '+switch-master', 'm 127.0.0.1 7777 127.0.0.1 7777'], 2).toString())
    say(['HELLO', '3'])
    const own = encodeReply({ map: { name: 'm', ip: '127.0.0.1', port: '7777' } }, 3).toString()
    expect(say(['SENTINEL', 'masters'])).toBe(`*1\r\n${own}`)
    expect(say(['SENTINEL', 'master', 'm'])).toBe(own)
  })

  test('a recorded refusal of a password is no refusal, and QUIT and broken bytes end the connection', () => {
    const one = serve({ 'AUTH (as default)': answer({ error: 'WRONGPASS invalid' }) })
    expect(one.say(['AUTH', 'x'])).toBe('+OK\r\n')
    expect(one.say(['QUIT'])).toBe('+OK\r\n')
    expect(one.seen.closed).toBe('end')
    const two = serve({})
    two.server.push(Buffer.from('*1\r\n+PING\r\n'))
    expect([two.seen.sent, two.seen.closed]).toEqual([
      '-ERR Protocol error: a word of a command is no bulk string\r\n',
      'end',
    ])
  })

  test('an answer that was edited into nonsense is still a message', () => {
    for (const response of [
      { nonsense: [1] },
      {},
      { map: 5 },
      { set: 'x' },
      { status: [1] },
      { error: null },
      1.5,
      { replies: 7, x: 1 },
    ] as Value[]) {
      for (const version of [2, 3] as const)
        expect(encodeReply(response, version).toString()).toMatch(
          response !== null && typeof response === 'object' && 'replies' in response ? /^$/ : /\r\n$/,
        )
    }
  })
})

describe('the small parts', () => {
  test.for([
    ['*1\r\n$4\r\nPING\r\n', 'yes'],
    ['*3\r\n$3\r\nSET', 'yes'],
    ['PING\r\n', 'yes'],
    ['*', 'more'],
    ['*12\r\n$', 'more'],
    ['pi', 'more'],
    ['', 'more'],
    ['GET / HTTP/1.1\r\n', 'no'],
    ['*x', 'no'],
    ['*1\r\n:1', 'no'],
    ['\u0016\u0003\u0001', 'no'],
  ] as const)('%j is Redis: %s', ([first, verdict]) => {
    expect(redisProtocol.detect(Buffer.from(first))).toBe(verdict)
  })

  test('a request in one line', () => {
    expect(
      redisProtocol.describe({ command: 'HSET', args: ['user:1', 'name', 'Ada L.', new Uint8Array([255])], db: 2 }),
    ).toBe('HSET user:1 name "Ada L." <1 bytes> (db 2)')
    expect(redisProtocol.describe({ command: 'SET', args: ['a', 'x'.repeat(500)], db: 2 })).toHaveLength(200)
    expect(redisProtocol.describe(null)).toBe('nothing')
  })

  test('keys differ by arguments and database, not by the case of the command', () => {
    expect(match.key({ command: 'get', args: ['a'] })).toEqual(match.key({ command: 'GET', args: ['a'] }))
    expect(match.key({ command: 'get', args: ['a'] })).not.toEqual(match.key({ command: 'GET', args: ['A'] }))
    expect(match.key({ command: 'get', args: ['a'], db: 1 })).not.toEqual(match.key({ command: 'GET', args: ['a'] }))
    const transaction = (name: string): Value => ({
      command: 'exec',
      args: [],
      commands: [{ command: name, args: [] }],
    })
    expect(match.key(transaction('get'))).toEqual(match.key(transaction('GET')))
  })

  test.for([
    [['BLPOP', 'l', '2'], { response: { nil: 'array' }, afterMs: 2000 }],
    [['BLMOVE', 'a', 'b', 'LEFT', 'LEFT', '0'], { response: null, afterMs: Infinity }],
    [['BLMPOP', '0.1', '1', 'l', 'LEFT'], { response: { nil: 'array' }, afterMs: 100 }],
    [['XREAD', 'COUNT', '1', 'block', '250', 'STREAMS', 's', '$'], { response: { nil: 'array' }, afterMs: 250 }],
    [['WAIT', '1', '30'], { response: 0, afterMs: 30 }],
    [['XREAD', 'STREAMS', 'BLOCK', '5'], undefined],
    [['BLPOP', 'l', 'soon'], undefined],
    [['GET', 'a'], undefined],
  ] as const)('%j without news', ([[command, ...args], idle]) => {
    expect(match.idle?.({ command, args })).toEqual(idle)
  })

  test('replies of the other version get the shape of the command', () => {
    const request = { command: 'x', args: ['z', '0', '-1', 'withscores'] }
    const streams: Value = { map: { s: [['1-1', ['k', 'v']]] } }
    expect(adaptReply('XREAD', request, streams, 2)).toEqual([['s', [['1-1', ['k', 'v']]]]])
    expect(adaptReply('XREAD', request, [['s', [['1-1', ['k', 'v']]]]], 3)).toEqual(streams)
    expect(adaptReply('ZRANGE', request, ['m', '1.5'], 3)).toEqual([['m', { double: '1.5' }]])
    expect(adaptReply('ZRANGE', request, [['m', { double: '1.5' }]], 2)).toEqual(['m', { double: '1.5' }])
    expect(adaptReply('ZSCORE', request, '1.5', 3)).toEqual({ double: '1.5' })
  })
})

describe('documents of Redis', () => {
  const payload = (...data: string[]) => [
    { origin: 'client', message: data.map((text) => ({ type: 'string', data: text })) },
  ]
  const call: CallContent = {
    protocol: 'redis',
    operation: 'GET',
    request: { command: 'get', args: ['a'], db: 2 },
    response: null,
    lifetime: 'test',
    ended: 'end',
  }

  test('a call is RESP as text', () => {
    expect(mocks.encode(call)).toEqual({
      kind: 'Redis',
      spec: {
        redisrequests: [{ origin: 'client', message: [{ type: 'string', data: '*2\r\n$3\r\nget\r\n$1\r\na\r\n' }] }],
        redisresponses: [{ origin: 'server', message: [{ type: 'string', data: '$-1\r\n' }] }],
      },
      metadata: { db: '2', ended: 'end' },
    })
  })

  test.for([
    call,
    {
      ...call,
      request: { command: 'SET', args: [new Uint8Array([255, 0])] },
      operation: 'SET',
      response: { status: 'OK' },
    },
    {
      ...call,
      request: { command: 'EXEC', args: [], commands: [{ command: 'SET', args: ['a', '1'] }], db: 1 },
      operation: 'EXEC',
      response: [{ status: 'OK' }],
    },
    { ...call, request: { command: 'AUTH', args: [], user: 'ada' }, operation: 'AUTH', response: { status: 'OK' } },
    { ...call, request: null, operation: 'message', response: { push: ['message', 'a', 'b'] } },
    {
      ...call,
      request: { command: 'SUBSCRIBE', args: ['a', 'b'] },
      operation: 'SUBSCRIBE',
      response: { replies: [{ push: ['subscribe', 'a', 1] }, { push: ['subscribe', 'b', 2] }] },
    },
  ] as CallContent[])('%# is kept without loss in the kind of Keploy', (content) => {
    const mock = mocks.encode(content)
    expect(mock.kind).toBe('Redis')
    expect(mocks.decode({ ...mock, lifetime: 'test' })).toEqual({ calls: [content] })
  })

  test('what RESP has no place for is kept as a tree', () => {
    const refused: CallContent = {
      ...call,
      request: { command: 'GET', args: [], transaction: true },
      response: { error: 'ERR' },
    }
    expect(mocks.encode(refused).kind).toBe('Call')
    expect(mocks.decode({ ...mocks.encode(refused), lifetime: 'test' })).toEqual({ calls: [refused] })
  })

  test('a pipeline in one document is several calls, in any casing of the keys, without the password', () => {
    const decoded = mocks.decode({
      kind: 'Redis',
      spec: {
        RedisRequests: payload(
          '*2\r\n$4\r\nAUTH\r\n$4\r\nhush\r\n*2\r\n$3\r\nget\r\n$1\r\na\r\n',
          `*3\r\n$7\r\nEVALSHA\r\n$40\r\n${sha}\r\n$1\r\n0\r\n`,
        ),
        redisResponses: payload('+OK\r\n$1\r\n1\r\n-NOSCRIPT No\r\n'),
      },
      lifetime: 'session',
    })
    expect(decoded).toMatchObject({
      calls: [
        {
          operation: 'AUTH',
          request: { command: 'AUTH', args: [], user: 'default' },
          response: { status: 'OK' },
          lifetime: 'session',
        },
        { operation: 'GET', request: { command: 'get', args: ['a'] }, response: '1' },
        { operation: 'EVALSHA', response: { error: 'NOSCRIPT No' } },
      ],
    })
    expect(JSON.stringify(decoded)).not.toContain('hush')
  })

  test.for([
    [{ redisrequests: 'x' }, 'spec.redisrequests'],
    [{ redisrequests: [{ origin: 'client' }] }, 'spec.redisrequests'],
    [{ redisrequests: payload('*1\r\n$4\r\nPI') }, 'ends within a message'],
    [{ redisrequests: payload('*1\r\n$4\r\nPING\r\n'), redisresponses: payload('@\r\n') }, 'spec.redisresponses'],
    [{ redisrequests: payload('*1\r\n$7\r\nMONITOR\r\n') }, 'MONITOR'],
  ] as const)('nonsense %# is a problem that names the field', ([spec, problem]) => {
    expect(mocks.decode({ kind: 'Redis', spec: spec as never, lifetime: 'test' })).toEqual({
      problem: expect.stringContaining(problem) as string,
    })
  })
})
