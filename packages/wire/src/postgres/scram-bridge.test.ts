import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

import type { RelayRewriter, RelayStep } from '@keploy-framework/wire'
import { describe, expect, it } from 'vitest'

import { cstring, int32, message } from './bytes.ts'
import { postgresProtocol } from './postgres-protocol.ts'

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const hash = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
const xor = (one: Buffer, other: Buffer): Buffer => Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)))
const SALT = Buffer.from('pepper')
const keys = (password: string): { client: Buffer; server: Buffer; stored: Buffer } => {
  const salted = pbkdf2Sync(password, SALT, 4096, 32, 'sha256')
  const client = hmac(salted, 'Client Key')
  return { client, server: hmac(salted, 'Server Key'), stored: hash(client) }
}

/** A rewriter between a client with TLS and a server with TLS that offers to bind the channel. */
function loggingIn(credentials?: { username: string; password: string }): RelayRewriter {
  const rewriter = postgresProtocol.createRewriter?.({
    relayFor: async (host, port) => ({ host, port }),
    tls: 'require',
    ...(credentials !== undefined && { credentials }),
  })
  if (rewriter === undefined) throw new Error('no rewriter')
  const startup = Buffer.concat([int32(3 << 16), cstring('user'), cstring('ada'), Buffer.alloc(1)])
  void rewriter.fromClient(Buffer.concat([int32(8), int32(80_877_103)]))
  void rewriter.fromClient(Buffer.concat([int32(startup.length + 4), startup]))
  void rewriter.fromServer(Buffer.from('S'))
  void rewriter.fromServer(
    message('R', int32(10), cstring('SCRAM-SHA-256-PLUS'), cstring('SCRAM-SHA-256'), Buffer.alloc(1)),
  )
  return rewriter
}

const initial = (first: string): Buffer =>
  message('p', cstring('SCRAM-SHA-256'), int32(Buffer.byteLength(first)), Buffer.from(first))
const final = (text: string): Buffer => message('p', Buffer.from(text))
const server = (code: number, text: string): Buffer => message('R', int32(code), Buffer.from(text))

/** The text of a message that goes on to the other side, from an offset. */
async function passed(steps: ReturnType<RelayRewriter['fromClient']>, offset: number): Promise<string> {
  const all: readonly RelayStep[] = await steps
  expect(all.map(({ type }) => type)).toEqual(['forward'])
  const [step] = all
  return step?.type === 'forward' ? Buffer.from(step.bytes).subarray(offset).toString() : ''
}

/** What a server that knows `known` makes of the login of a client that knows `typed`, with a relay that knows `configured`. */
async function login(typed: string, configured: string, known: string): Promise<'in' | 'refused' | 'distrusted'> {
  const rewriter = loggingIn({ username: 'ada', password: configured })
  const first = await passed(rewriter.fromClient(initial('y,,n=ada,r=client')), 5 + 14 + 4)
  expect(first).toBe('n,,n=ada,r=client')
  const challenge = `r=clientserver,s=${SALT.toString('base64')},i=4096`
  expect(await passed(rewriter.fromServer(server(11, challenge)), 9)).toBe(challenge)
  const unsigned = 'c=eSws,r=clientserver'
  const said = `n=ada,r=client,${challenge},${unsigned}`
  const own = keys(typed)
  const proof = xor(own.client, hmac(own.stored, said)).toString('base64')
  const sent = await passed(rewriter.fromClient(final(`${unsigned},p=${proof}`)), 5)
  // What a server checks, RFC 5802, section 3.
  const [, withoutProof = '', given = ''] = /^(c=biws,r=clientserver),p=(.+)$/.exec(sent) ?? []
  const heard = `n=ada,r=client,${challenge},${withoutProof}`
  const real = keys(known)
  const right = hash(xor(Buffer.from(given, 'base64'), hmac(real.stored, heard))).equals(real.stored)
  if (!right) return 'refused'
  const verdict = await passed(rewriter.fromServer(server(12, `v=${hmac(real.server, heard).toString('base64')}`)), 9)
  return verdict === `v=${hmac(own.server, said).toString('base64')}` ? 'in' : 'distrusted'
}

describe('a login by SCRAM between two connections with TLS', () => {
  it('is carried over for a client that would have bound the channel', async () => {
    expect(await login('right', 'right', 'right')).toBe('in')
  })

  it('is refused with a wrong password, whoever has it', async () => {
    expect(await login('wrong', 'right', 'right')).toBe('refused')
    expect(await login('right', 'wrong', 'right')).toBe('refused')
    expect(await login('wrong', 'wrong', 'right')).toBe('refused')
  })

  it('goes by as it is when the client cannot bind a channel', async () => {
    const rewriter = loggingIn({ username: 'ada', password: 'right' })
    const first = initial('n,,n=ada,r=client')
    expect(await rewriter.fromClient(first)).toEqual([{ type: 'forward', bytes: first }])
    const last = final('c=biws,r=clientserver,p=AAAA')
    expect(await rewriter.fromClient(last)).toEqual([{ type: 'forward', bytes: last }])
  })

  it.each([
    { name: 'unknown', credentials: undefined },
    { name: 'that of somebody else', credentials: { username: 'grace', password: 'right' } },
  ])('is refused with what to do when the password is $name', async ({ credentials }) => {
    const [step] = await loggingIn(credentials).fromClient(initial('y,,n=ada,r=client'))
    expect(step).toMatchObject({
      type: 'reply',
      bytes: expect.toSatisfy((bytes: Buffer) => bytes.includes('channel_binding=disable')),
    })
  })

  it('survives whatever else comes', async () => {
    for (const bytes of [
      message('p'),
      message('p', Buffer.from('x')),
      Buffer.from('p\xff\xff\xff\xff', 'latin1'),
      final('y,'),
    ]) {
      const rewriter = loggingIn({ username: 'ada', password: 'right' })
      expect(await rewriter.fromClient(bytes)).toEqual([{ type: 'forward', bytes }])
    }
    const rewriter = loggingIn({ username: 'ada', password: 'right' })
    void rewriter.fromClient(initial('y,'))
    expect(await passed(rewriter.fromClient(final('nonsense')), 5)).toContain('c=biws')
  })
})
