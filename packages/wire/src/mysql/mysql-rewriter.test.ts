import { describe, expect, it } from 'vitest'

import type { RelayRewriter, RelayStep } from '../protocol/rewriter.ts'
import { capability } from './capabilities.ts'
import { encodeGreeting } from './handshake.ts'
import { mysqlProtocol } from './mysql-protocol.ts'
import { framePacket } from './packets.ts'

const greeting = (capabilities: bigint): Buffer =>
  framePacket(
    encodeGreeting(
      { version: '8.0.36', connection: 1, capabilities, charset: 255, status: 2, plugin: 'caching_sha2_password' },
      Buffer.alloc(20, 7),
    ),
    0,
  )
const BASE = capability.protocol41 | capability.secureConnection | capability.pluginAuth
const OFFERED = greeting(BASE | capability.ssl)
/** The beginning of a login; with `ssl` it is an SSLRequest. */
const login = (flags: bigint, name = ''): Buffer => {
  const payload = Buffer.alloc(32 + name.length)
  payload.writeUInt32LE(Number(flags), 0)
  payload.write(name, 32)
  return framePacket(payload, 1)
}
const rewriter = (tls: 'off' | 'prefer' | 'require'): RelayRewriter => {
  const made = mysqlProtocol.createRewriter?.({ relayFor: async (host, port) => ({ host, port }), tls })
  if (made === undefined) throw new Error('no rewriter')
  return made
}
const forward = (bytes: Uint8Array): RelayStep => ({ type: 'forward', bytes })

describe.each(['off', 'prefer', 'require'] as const)('a relay of MySQL whose setting says %s', (tls) => {
  it('leaves a client without TLS alone, as the password of caching_sha2_password is sent otherwise then', () => {
    const relay = rewriter(tls)
    expect(relay.fromServer(OFFERED)).toEqual([forward(OFFERED)])
    const plain = login(BASE, 'ada\0')
    expect(relay.fromClient(plain)).toEqual([forward(plain)])
    for (const bytes of [Buffer.from([2, 0, 0, 2, 1, 4]), Buffer.from('key')]) {
      expect(relay.fromServer(bytes)).toEqual([forward(bytes)])
      expect(relay.fromClient(bytes)).toEqual([forward(bytes)])
    }
  })

  it('begins TLS on both sides when the client does, also when its TLS comes in the same chunk', () => {
    const relay = rewriter(tls)
    void relay.fromServer(OFFERED)
    const request = login(BASE | capability.ssl)
    const hello = Buffer.from([22, 3, 1, 0, 1, 1])
    expect(relay.fromClient(Buffer.concat([request, hello]))).toEqual([
      forward(request),
      { type: 'start-tls', side: 'client', rest: hello },
      { type: 'start-tls', side: 'server' },
    ])
    const rest = login(BASE, 'ada\0')
    expect(relay.fromClient(rest)).toEqual([forward(rest)])
  })

  it('loses no byte, wherever chunks end, of a greeting that is broken or offers no TLS', () => {
    const broken = framePacket(Buffer.from([10, 0x38]), 0)
    for (const whole of [greeting(BASE), broken, OFFERED]) {
      const relay = rewriter(tls)
      const steps = [...whole].flatMap((byte) => relay.fromServer(Buffer.from([byte])) as RelayStep[])
      const bytes = steps.map((step) => (step.type === 'forward' ? Buffer.from(step.bytes) : Buffer.alloc(0)))
      expect(Buffer.concat(bytes)).toEqual(whole)
    }
    const relay = rewriter(tls)
    void relay.fromServer(broken)
    const request = login(BASE | capability.ssl)
    expect(relay.fromClient(request)).toEqual([forward(request)])
  })
})
