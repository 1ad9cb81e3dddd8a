import type { Value } from '@keploy-framework/format'

import { ByteQueue } from '../protocol/byte-queue.ts'
import type { RelayRewriter, RelayStep, RewriterOptions } from '../protocol/rewriter.ts'
import { ByteReader } from './bytes.ts'
import { readHead, readResponse, skipTags, writeResponse, type RequestHead } from './message.ts'
import { apis, playedVersions } from './schemas/apis.ts'
import { trees, type Tree } from './struct.ts'

/** Answers that name brokers, or versions. Everything else goes by as it comes. */
const REWRITTEN = new Set(['ApiVersions', 'Metadata', 'FindCoordinator', 'DescribeCluster', 'Produce'])
/** Bytes of a request that are looked at: its header and, for Produce, whether an answer is due. */
const HEAD = 4096
const LIMIT = 64 * 1024 * 1024
const PENDING_LIMIT = 10_000

/**
 * Puts the relays' addresses in the place of the brokers', and takes versions out of ApiVersions that are not played (so
 * that clients use ones that are).
 */
export class KafkaRewriter implements RelayRewriter {
  readonly #options: RewriterOptions
  readonly #fromClient = new ByteQueue()
  readonly #fromServer = new ByteQueue()
  readonly #pending: RequestHead[] = []
  /** Bytes of the current message that go by unread. */
  #clientSkip = 0
  #serverSkip = 0
  #blind = false
  #last: Promise<readonly RelayStep[]> | undefined

  constructor(options: RewriterOptions) {
    this.#options = options
  }

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    if (!this.#blind) this.#readRequests(chunk)
    return [{ type: 'forward', bytes: chunk }]
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] | Promise<readonly RelayStep[]> {
    if (this.#last === undefined && this.#blind && this.#fromServer.length === 0)
      return [{ type: 'forward', bytes: chunk }]
    // One chunk after the other, also where an address is being waited for.
    const steps = (this.#last ?? Promise.resolve([])).then(() => this.#readAnswers(chunk))
    this.#last = steps
    return steps.finally(() => {
      if (this.#last === steps) this.#last = undefined
    })
  }

  end(side: 'client' | 'server'): readonly Uint8Array[] {
    if (side === 'client' || this.#fromServer.length === 0) return []
    this.#giveUp()
    return [this.#fromServer.takeAll()]
  }

  #readRequests(chunk: Uint8Array): void {
    const queue = this.#fromClient
    queue.push(chunk)
    for (;;) {
      const skipped = Math.min(this.#clientSkip, queue.length)
      queue.skip(skipped)
      this.#clientSkip -= skipped
      const length = this.#clientSkip > 0 ? undefined : queue.peek(4)?.readInt32BE()
      if (length === undefined) return
      if (length < 8) {
        this.#giveUp()
        return
      }
      const frame = queue.peek(4 + Math.min(length, HEAD))?.subarray(4)
      if (frame === undefined) return
      const head = readHead(frame)
      if (head !== undefined && !silent(head, frame)) this.#pending.push(head)
      if (this.#pending.length > PENDING_LIMIT) {
        this.#giveUp()
        return
      }
      this.#clientSkip = length + 4
    }
  }

  async #readAnswers(chunk: Uint8Array): Promise<readonly RelayStep[]> {
    const queue = this.#fromServer
    const steps: RelayStep[] = []
    queue.push(chunk)
    while (queue.length > 0) {
      if (this.#blind || this.#serverSkip > 0) {
        const length = this.#blind ? queue.length : Math.min(this.#serverSkip, queue.length)
        this.#serverSkip -= this.#blind ? this.#serverSkip : length
        steps.push({ type: 'forward', bytes: queue.take(length) as Buffer })
        continue
      }
      const start = queue.peek(8)
      if (start === undefined) break
      const length = start.readInt32BE()
      const [head] = this.#pending
      if (head === undefined || length < 4 || start.readInt32BE(4) !== head.correlationId) {
        this.#giveUp()
        continue
      }
      const whole = head.schema !== undefined && REWRITTEN.has(head.schema.name) && length <= LIMIT
      if (whole && queue.length < length + 4) break
      this.#pending.shift()
      if (!whole) {
        this.#serverSkip = length + 4
        continue
      }
      steps.push({ type: 'forward', bytes: await this.#rewritten(head, queue.take(length + 4) as Buffer) })
    }
    return steps
  }

  async #rewritten(head: RequestHead, frame: Buffer): Promise<Uint8Array> {
    const { schema } = head
    const answer = schema === undefined ? undefined : readResponse(schema, head.version, frame.subarray(8))
    if (schema === undefined || answer === undefined) return frame
    const body = schema.name === 'ApiVersions' ? capped(answer.body) : await this.#moved(answer.body)
    return body === answer.body ? frame : writeResponse(schema, answer.version, head.correlationId, body)
  }

  /** An answer whose brokers are relays; the same object where it names none. */
  async #moved(body: Tree): Promise<Tree> {
    const moved: Record<string, Value> = {}
    for (const name of ['brokers', 'nodeEndpoints', 'coordinators']) {
      const nodes = trees(body[name])
      if (nodes.length > 0) moved[name] = await Promise.all(nodes.map((each) => this.#place(each)))
    }
    const whole = Object.keys(moved).length > 0 ? { ...body, ...moved } : body
    return 'host' in whole ? this.#place(whole) : whole
  }

  async #place(node: Tree): Promise<Tree> {
    const { host, port } = node
    if (typeof host !== 'string' || host === '' || typeof port !== 'number' || port <= 0) return node
    try {
      const relay = await this.#options.relayFor(host, port)
      return { ...node, host: relay.host, port: relay.port }
    } catch {
      return node
    }
  }

  #giveUp(): void {
    this.#blind = true
    this.#fromClient.takeAll()
    this.#pending.length = 0
  }
}

/** Whether a request has no answer: records that are written without waiting for anybody. */
function silent(head: RequestHead, frame: Buffer): boolean {
  if (head.schema?.name !== 'Produce') return false
  try {
    const reader = new ByteReader(frame)
    reader.raw(8)
    reader.raw(Math.max(0, reader.int16()))
    const flexible = head.version >= head.schema.flexibleSince
    if (flexible) skipTags(reader)
    if (head.version >= 3) reader.raw(Math.max(0, flexible ? reader.uvarint() - 1 : reader.int16()))
    return reader.int16() === 0
  } catch {
    return false
  }
}

/** ApiVersions without versions that are not played. APIs that are not known stay: they are told as bytes. */
function capped(body: Tree): Tree {
  const keys = trees(body['apiKeys'])
  const known = keys.flatMap((each) => {
    const schema = apis.get(Number(each['apiKey']))
    if (schema === undefined) return [each]
    const versions = playedVersions(schema)
    // Without its version 1 tokens of SASL would follow outside of requests.
    const least = Math.max(Number(each['minVersion']), each['apiKey'] === 17 ? 1 : versions[0])
    const most = Math.min(Number(each['maxVersion']), versions[1])
    if (least > most) return []
    return least === each['minVersion'] && most === each['maxVersion']
      ? [each]
      : [{ ...each, minVersion: least, maxVersion: most }]
  })
  return known.length === keys.length && known.every((each, index) => each === keys[index])
    ? body
    : { ...body, apiKeys: known }
}
