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
  #opaque = false

  constructor(authority: Authority) {
    this.#authority = authority
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] {
    return [{ type: 'forward', bytes: chunk }]
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
      this.#head = Buffer.alloc(0)
      return all
    }
    if (end === -1) {
      this.#head = Buffer.from(all)
      return Buffer.alloc(0)
    }
    this.#head = Buffer.alloc(0)
    const head = all.toString('latin1', 0, end + 4)
    steps.push({ type: 'forward', bytes: this.#rewritten(head, all.subarray(0, end + 4)) })
    this.#body = new BodyScanner(bodyLength(head))
    const upgrade = /^Upgrade:[ \t]*([^\r\n]*)/im.exec(head)?.[1]?.trim().toLowerCase()
    // After a change of protocol the connection belongs to it. HTTP/2 is known by its own beginning, when it is agreed to.
    this.#opaque = head.startsWith('CONNECT ') || (upgrade !== undefined && upgrade !== 'h2c')
    return all.subarray(end + 4)
  }

  #rewritten(head: string, bytes: Buffer): Uint8Array {
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

/** Whether bytes may be the beginning of a request of HTTP/1: a method comes first. */
function mayBegin(bytes: Buffer): boolean {
  const beginning = bytes.toString('latin1', 0, 64)
  return /^[!#$%&'*+.^_`|~\w-]{1,32}(?:$| )/.test(beginning) && !beginning.startsWith('PRI * HTTP/2')
}
