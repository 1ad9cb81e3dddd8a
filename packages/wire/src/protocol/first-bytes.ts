import { genericProtocol } from '../generic/generic-protocol.ts'
import type { Protocol } from './protocol.ts'
import { protocols } from './protocols.ts'

type Verdict = 'yes' | 'no' | 'more'

/** Bytes after which a protocol that still can't tell counts as not found. */
const ENOUGH = 256
/** Bytes after which a connection that may still be of the protocol that its route names counts as that. */
const BENEFIT = 8192

/**
 * Tells what a connection speaks by its first bytes, from the side that speaks first. What its route names counts where it
 * can be that; otherwise any protocol that begins so, and `generic` for what none knows.
 *
 * @example
 * new FirstBytes(findProtocol('postgres')).push('client', Buffer.from('GET / HTTP/1.1\r\n'))?.name // 'http'
 */
export class FirstBytes {
  readonly #named: Protocol | undefined
  #first: Buffer = Buffer.alloc(0)
  #speaker: 'client' | 'server' | undefined

  /** Whether it cannot be what was named, whatever else it is. */
  ruledOut = false

  constructor(named: Protocol | undefined) {
    this.#named = named
  }

  /** Takes what a side sent; nothing while it cannot be told. */
  push(from: 'client' | 'server', chunk: Uint8Array): Protocol | undefined {
    const named = this.#named
    if (named !== undefined && named === genericProtocol) return named
    if (chunk.length === 0) return undefined
    this.#speaker ??= from
    const speaker = this.#speaker
    if (speaker === from) this.#first = Buffer.concat([this.#first, chunk])
    const verdict = named === undefined ? 'no' : verdictOf(named, this.#first, speaker)
    // The other side has nothing to answer yet: that is another conversation.
    if (verdict === 'more' && speaker === from) return this.#first.length < BENEFIT ? undefined : named
    if (verdict === 'yes') return named
    this.ruledOut = true
    return detect(this.#first, speaker) ?? (speaker === from ? undefined : genericProtocol)
  }
}

/** Whether a connection that begins so can be of a protocol that its route names. */
function verdictOf(protocol: Protocol, first: Buffer, speaker: 'client' | 'server'): Verdict {
  if (speaker === 'server') {
    return protocol.speaksFirst === 'server' ? protocol.detect(first) : (protocol.detectServer?.(first) ?? 'no')
  }
  // Nothing can be read of what is encrypted, whoever reads it: it stays with its name, and is told to be a gap.
  const encrypted = detectTls(first)
  if (encrypted === 'yes') return 'yes'
  const plain = protocol.speaksFirst === 'client' ? (protocol.detectNamed?.(first) ?? protocol.detect(first)) : 'no'
  return plain === 'no' ? encrypted : plain
}

/** A record of TLS with the beginning of a handshake: RFC 8446, section 5.1. */
function detectTls(first: Buffer): Verdict {
  if (first[0] !== 0x16) return 'no'
  if (first.length === 1) return 'more'
  if (first[1] !== 3) return 'no'
  if (first.length === 2) return 'more'
  return (first[2] as number) <= 4 ? 'yes' : 'no'
}

/** What the first bytes of a connection say, from the side that sent them. */
function detect(first: Uint8Array, from: 'client' | 'server'): Protocol | undefined {
  let undecided = false
  for (const protocol of protocols) {
    if (protocol.name === 'generic') continue
    const verdict =
      protocol.speaksFirst === from ? protocol.detect(first) : from === 'server' && protocol.detectServer?.(first)
    if (verdict === 'yes') return protocol
    undecided ||= verdict === 'more'
  }
  return undecided && first.length < ENOUGH ? undefined : genericProtocol
}
