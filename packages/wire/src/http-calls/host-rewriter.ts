import { BodyScanner, bodyLength } from '../http/body-scanner.ts'
import type { RelayRewriter, RelayStep } from '../protocol/rewriter.ts'
import { namesRelay, type Authority } from './authority.ts'

/** A head beyond this goes on as it is. */
const HEAD_LIMIT = 65_536

/**
 * Names the server in requests of a client that was led to a relay: the value of `Host` changes, and nothing else. What is
 * no request of HTTP/1 is passed on untouched, with all that follows.
 */
export class HostRewriter implements RelayRewriter {
  readonly #authority: Authority
  #body = new BodyScanner(0)
  /** The head that is coming in. */
  #head: Buffer = Buffer.alloc(0)
  /** Bytes of it that went on: nothing of its first line changes. */
  #sent = 0
  #opaque = false

  constructor(authority: Authority) {
    this.#authority = authority
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] {
    return [{ type: 'forward', bytes: chunk }]
  }

  end(side: 'client' | 'server'): readonly Uint8Array[] {
    if (side === 'server' || this.#head.length === 0) return []
    this.#opaque = true
    return [this.#takeKept(this.#head)]
  }

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    const steps: RelayStep[] = []
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    while (rest.length > 0) {
      const taken = this.#opaque ? rest.length : this.#body.done ? 0 : this.#body.take(rest)
      if (taken > 0) steps.push({ type: 'forward', bytes: rest.subarray(0, taken) })
      rest = rest.subarray(taken)
      if (rest.length > 0 && !this.#opaque) rest = this.#takeHead(rest, steps)
    }
    return steps
  }

  /** Reads on in a head; gives back what comes after it. */
  #takeHead(bytes: Buffer, steps: RelayStep[]): Buffer {
    const from = Math.max(0, this.#head.length - 3)
    const all = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
    const end = all.indexOf('\r\n\r\n', from)
    if (!mayBegin(all) || (end === -1 && all.length > HEAD_LIMIT) || end > HEAD_LIMIT) {
      this.#opaque = true
      return this.#takeKept(all)
    }
    if (end === -1) {
      this.#head = Buffer.from(all)
      if (!all.includes('\n')) {
        steps.push({ type: 'forward', bytes: all.subarray(this.#sent) })
        this.#sent = all.length
      }
      return Buffer.alloc(0)
    }
    const head = all.toString('latin1', 0, end + 4)
    steps.push({ type: 'forward', bytes: this.#takeKept(this.#rewritten(head, all.subarray(0, end + 4))) })
    this.#body = new BodyScanner(bodyLength(head))
    const upgrade = /^Upgrade:[ \t]*([^\r\n]*)/im.exec(head)?.[1]?.trim().toLowerCase()
    // After a change of protocol the connection belongs to it. HTTP/2 is known by its own beginning, when it is agreed to.
    this.#opaque = head.startsWith('CONNECT ') || (upgrade !== undefined && upgrade !== 'h2c')
    return all.subarray(end + 4)
  }

  /** What of a head did not go on yet; the next one begins. */
  #takeKept(head: Buffer): Buffer {
    const kept = head.subarray(this.#sent)
    this.#head = Buffer.alloc(0)
    this.#sent = 0
    return kept
  }

  #rewritten(head: string, bytes: Buffer): Buffer {
    const line = /\r\nHost:[ \t]*([^\r\n]*)/i.exec(head)
    const [whole = '', value = ''] = line ?? []
    if (line === null || !namesRelay(value.trimEnd(), this.#authority)) return bytes
    const start = line.index + whole.length - value.length
    return Buffer.concat([
      bytes.subarray(0, start),
      Buffer.from(this.#authority.target, 'latin1'),
      bytes.subarray(start + value.trimEnd().length),
    ])
  }
}

/** Whether bytes may be the beginning of a request of HTTP/1: a method comes first, and a version ends the line. */
function mayBegin(bytes: Buffer): boolean {
  const beginning = bytes.toString('latin1', 0, 64)
  const line = bytes.indexOf(10)
  if (line !== -1 && !/ HTTP\/1\.\d\r?$/.test(bytes.toString('latin1', Math.max(0, line - 12), line))) return false
  return /^[!#$%&'*+.^_`|~\w-]{1,32}(?:$| )/.test(beginning) && !beginning.startsWith('PRI * HTTP/2')
}
