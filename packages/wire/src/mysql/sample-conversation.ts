import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { ByteWriter } from './byte-writer.ts'
import { encodeGreeting, type Greeting } from './handshake.ts'
import { encodeOk, type Tree } from './outcome.ts'
import { framePacket } from './packets.ts'
import { encodePrepared, encodeResult } from './result-writer.ts'

/** A turn of a conversation, for tests. */
export interface Turn {
  readonly from: 'client' | 'server'
  readonly bytes: Buffer
}

const CLIENT = 0x018ba28dn

export const sampleGreeting: Greeting = {
  version: '8.0.36',
  connection: 7,
  capabilities: 0xffffffffn & ~0x20n,
  charset: 255,
  status: 2,
  plugin: 'caching_sha2_password',
}

/** A login of the user `ada` to `shop`. */
export function sampleLogin(capabilities: bigint = CLIENT): Buffer {
  return new ByteWriter()
    .uint(Number(capabilities), 4)
    .uint(0x1000000, 4)
    .uint(45, 1)
    .raw(Buffer.alloc(23))
    .zeroEnded('ada')
    .string('secret-scramble-of-a-password')
    .zeroEnded('shop')
    .zeroEnded('caching_sha2_password')
    .bytes()
}

function frame(from: 'client' | 'server', payloads: readonly Uint8Array[], first: number): Turn {
  return { from, bytes: Buffer.concat(payloads.map((payload, index) => framePacket(payload, first + index))) }
}

const columns: Tree[] = [
  { name: 'id', type: 'long', table: 'users', schema: 'shop', charset: 63, length: 11, flags: 16899 },
  { name: 'name', type: 'varstring', table: 'users', schema: 'shop', charset: 255, length: 400 },
]

/** A conversation with a login, a query, a prepared statement, several results, an error and a ping. */
export function sampleConversation(capabilities: bigint = CLIENT): Turn[] {
  const common = capabilities & sampleGreeting.capabilities
  const answer = (response: Value, rows: 'text' | 'binary' = 'text'): Turn => {
    const results = (Array.isArray(response) ? (response as readonly Value[]) : [response]).filter(isTree)
    const payloads = results.flatMap((result, index) =>
      encodeResult(result, index < results.length - 1, {
        capabilities: common,
        rows,
        ...(rows === 'binary' && { known: columns }),
      }),
    )
    return frame('server', payloads, 1)
  }
  const query = (sql: string): Turn => frame('client', [Buffer.from(`\u0003${sql}`)], 0)
  const execute = new ByteWriter()
    .uint(0x17, 1)
    .uint(1, 4)
    .uint(0, 1)
    .uint(1, 4)
    .uint(0, 1)
    .uint(1, 1)
    .uint(3, 2)
    .uint(7, 4)
    .bytes()
  return [
    frame('server', [encodeGreeting(sampleGreeting, Buffer.alloc(20, 1))], 0),
    frame('client', [sampleLogin(capabilities)], 1),
    frame('server', [Buffer.from([1, 3]), encodeOk({}, common, 2)], 2),
    query('SELECT id, name FROM users'),
    answer({
      columns,
      rows: [
        [1, 'Ada'],
        [2, null],
      ],
    }),
    query('UPDATE users SET name = 1; SELECT id, name FROM users'),
    answer([{ ok: { affectedRows: 2, insertId: 0, info: 'Rows matched: 2' } }, { columns, rows: [] }]),
    frame('client', [Buffer.from('\u0016SELECT id, name FROM users WHERE id = ?')], 0),
    frame(
      'server',
      encodePrepared({ parameters: [{ name: '?', type: 'long', charset: 63, length: 11 }], columns }, 1, common, 2),
      1,
    ),
    frame('client', [execute], 0),
    answer({ columns, rows: [[7, 'Zoë']] }, 'binary'),
    frame('client', [Buffer.from([0x19, 1, 0, 0, 0])], 0),
    query('SELECT * FROM nowhere'),
    answer({ error: { code: 1146, sqlState: '42S02', message: "Table 'shop.nowhere' doesn't exist" } }),
    frame('client', [Buffer.from([0x0e])], 0),
    answer({ ok: {} }),
  ]
}
