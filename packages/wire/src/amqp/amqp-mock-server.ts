import type { Value } from '@keploy-framework/format'

import type { MockServer, MockServerOptions } from '../protocol/mock-server.ts'
import { idleAnswer, asMethod } from './amqp-match.ts'
import { cleanRequest, lifetimeOf, omit, PROTOCOL_HEADER } from './clean-request.ts'
import { FrameReader } from './frame-reader.ts'
import { LiveChannel } from './live-channel.ts'
import type { MethodTree } from './method-codec.ts'
import { methodNamed, repliesTo } from './methods.ts'
import { ownAnswer } from './own-answer.ts'
import { HEARTBEAT, writeFrames } from './write-frames.ts'

const MESSAGE_LIMIT = 128 * 1024 * 1024
const BEGIN = Buffer.from('AMQP\0\0\x09\x01', 'latin1')
/** What is said by itself and kept at most until its consumer is there. */
const HELD_LIMIT = 10_000
const SETTLING = new Set(['basic.ack', 'basic.nack', 'basic.reject'])

/** Plays a broker with recorded answers and deliveries. */
export class AmqpMockServer implements MockServer {
  readonly #options: MockServerOptions
  readonly #frames = new FrameReader(MESSAGE_LIMIT)
  readonly #channels = new Map<number, LiveChannel>()
  readonly #waiting = new Set<() => void>()
  #held: MethodTree[] = []
  /** The channel that was answered last; what is said without a consumer is said on it. */
  #recent = 0
  #frameMax = 131_072
  #begun = false
  #closed = false

  constructor(options: MockServerOptions) {
    this.#options = options
  }

  push(chunk: Uint8Array): void {
    if (this.#closed) return
    this.#frames.push(chunk)
    if (!this.#begun) {
      const header = this.#frames.takeHeader()
      if (header === undefined) return
      if (!header.equals(BEGIN)) {
        // What a broker says to another version.
        this.#options.send(BEGIN)
        return this.#end('end')
      }
      this.#begun = true
      this.#serve(0, { method: PROTOCOL_HEADER, version: '0-9-1' })
    }
    while (!this.#closed) {
      const read = this.#frames.next()
      if (read === undefined) return
      if ('problem' in read) return this.#end('end')
      this.#take(read.channel, read.tree)
    }
  }

  end(): void {
    this.#end('end')
  }

  deliver(message: Value): void {
    const tree = asMethod(message)
    if (this.#closed || tree === undefined) return
    if (tree.method !== 'basic.deliver' && tree.method !== 'basic.cancel') return this.#say(tree)
    for (const [number, channel] of this.#channels) {
      const consumer = channel.consumers.get(tree['consumerTag'] ?? '')
      if (consumer === undefined) continue
      this.#recent = number
      const live = { ...tree, consumerTag: consumer.tag }
      if (tree.method === 'basic.cancel') return this.#send(number, live)
      const deliveryTag = channel.deliver()
      if (!consumer.noAck) channel.deliveries.add(deliveryTag, tree)
      return this.#send(number, { ...live, deliveryTag })
    }
    if (this.#held.length < HELD_LIMIT) this.#held.push(tree)
  }

  close(): void {
    this.#closed = true
    for (const cancel of this.#waiting) cancel()
    this.#waiting.clear()
  }

  /** Something without a consumer: of the connection, or of the channel that was used last. */
  #say(tree: MethodTree): void {
    const number = tree.method.startsWith('connection.') ? 0 : this.#recent
    const { cause, ...rest } = tree
    if (tree.method.endsWith('.close')) this.#closeWith(number, rest, cause)
    else this.#send(number, tree)
  }

  #channel(number: number): LiveChannel {
    let channel = this.#channels.get(number)
    if (channel === undefined) this.#channels.set(number, (channel = new LiveChannel()))
    return channel
  }

  #take(number: number, tree: MethodTree): void {
    const channel = this.#channel(number)
    switch (tree.method) {
      case 'connection.tune-ok':
        if (typeof tree['frameMax'] === 'number') this.#frameMax = tree['frameMax']
        if (typeof tree['heartbeat'] === 'number' && tree['heartbeat'] > 0) this.#beat(tree['heartbeat'] * 500)
        return
      case 'channel.close-ok':
        return void this.#channels.delete(number)
      case 'connection.close-ok':
        return this.#end('end')
      case 'connection.secure-ok':
      case 'channel.flow-ok':
      case 'basic.cancel-ok':
        return
      default:
        if (channel.closing && tree.method !== 'channel.close') return
        this.#serve(number, tree)
    }
  }

  #serve(number: number, tree: MethodTree): void {
    const channel = this.#channel(number)
    const request = this.#requestOf(channel, tree)
    const publishTag = tree.method === 'basic.publish' && channel.confirming ? channel.publish() : undefined
    if (tree.method === 'confirm.select') channel.confirming = true
    const answer = this.#options.answer({ operation: tree.method, request, lifetime: lifetimeOf(tree) })
    if (number > 0) this.#recent = number
    if (answer.type === 'miss') {
      const idle = idleAnswer(request)
      const own = idle === undefined ? ownAnswer(tree) : asMethod(idle.response)
      if (own !== undefined) this.#answer(number, tree, own, publishTag)
      else if (!SETTLING.has(tree.method)) this.#refuse(number, tree, answer.message)
      return
    }
    const response = asMethod(answer.response)
    const own =
      publishTag === undefined
        ? lifetimeOf(tree) === 'connection'
          ? ownAnswer(tree)
          : undefined
        : { method: 'basic.ack' }
    const said = response ?? (answer.ended === undefined ? own : undefined)
    if (said !== undefined) this.#answer(number, tree, said, publishTag)
    // Nobody answers it then, and the client has named the consumer.
    if (tree.method === 'basic.consume' && tree['nowait'] === true) this.#consume(number, channel, tree, tree)
    if (answer.ended !== undefined) this.#end(answer.ended)
  }

  /** The request as recordings have it. */
  #requestOf(channel: LiveChannel, tree: MethodTree): MethodTree {
    if (SETTLING.has(tree.method)) return channel.deliveries.settle(tree)
    if (tree.method === 'basic.cancel') {
      return { ...tree, consumerTag: channel.recordedTag(tree['consumerTag']) ?? tree['consumerTag'] ?? '' }
    }
    if (tree.method !== 'basic.get') return cleanRequest(tree)
    const polls = this.#options.recorded('basic.get').some(({ request, response }) => {
      return asMethod(request)?.['queue'] === tree['queue'] && asMethod(response)?.method === 'basic.get-empty'
    })
    return polls ? { ...tree, polls: true } : tree
  }

  #answer(number: number, asked: MethodTree, response: MethodTree, publishTag: string | undefined): void {
    const channel = this.#channel(number)
    const { returned, cause, ...rest } = response
    const tree = rest as MethodTree
    if (tree.method === 'channel.close' || tree.method === 'connection.close')
      return this.#closeWith(number, tree, cause)
    if (tree.method === 'basic.ack' || tree.method === 'basic.nack') {
      if (publishTag === undefined) return
      if (returned !== undefined)
        this.#send(number, {
          ...omit(asked, 'mandatory', 'immediate'),
          ...(returned as object),
          method: 'basic.return',
        })
      return this.#send(number, { ...tree, deliveryTag: publishTag })
    }
    // Without an answer asked for, none may come.
    if (asked['nowait'] === true) return
    if (tree.method === 'basic.get-ok') {
      const deliveryTag = channel.deliver()
      if (asked['noAck'] !== true) channel.deliveries.add(deliveryTag, tree)
      return this.#send(number, { ...tree, deliveryTag })
    }
    if (tree.method === 'basic.consume-ok') return this.#consume(number, channel, asked, tree)
    const live = tree.method === 'basic.cancel-ok' ? { ...tree, consumerTag: asked['consumerTag'] ?? '' } : tree
    this.#send(number, live)
    if (tree.method === 'basic.cancel-ok') channel.consumers.delete(channel.recordedTag(asked['consumerTag']) ?? '')
    if (tree.method === 'channel.close-ok') this.#channels.delete(number)
    if (tree.method === 'connection.close-ok') this.#end('end')
  }

  #consume(number: number, channel: LiveChannel, asked: MethodTree, response: MethodTree): void {
    const recorded = response['consumerTag'] ?? ''
    const tag = asked['consumerTag'] === '' ? recorded : (asked['consumerTag'] ?? recorded)
    channel.consumers.set(recorded, { tag, noAck: asked['noAck'] === true })
    if (asked['nowait'] !== true) this.#send(number, { ...response, consumerTag: tag })
    const held = this.#held
    this.#held = []
    for (const message of held) this.deliver(message)
  }

  #refuse(number: number, tree: MethodTree, message: string): void {
    const expectsAnswer = repliesTo(tree.method).length > 0 || tree.method === 'basic.publish'
    if (!expectsAnswer) return
    const close = { replyCode: number === 0 ? 541 : 404, replyText: message }
    this.#closeWith(number, { method: number === 0 ? 'connection.close' : 'channel.close', ...close }, tree.method)
  }

  #closeWith(number: number, tree: MethodTree, cause: Value | undefined): void {
    const method = typeof cause === 'string' ? methodNamed(cause) : undefined
    const { classId = 0, methodId = 0 } = method ?? {}
    const on = tree.method === 'connection.close' ? 0 : number
    this.#channel(number).closing = true
    this.#send(on, { ...tree, classId, methodId })
  }

  #beat(everyMs: number): void {
    const cancel = this.#options.schedule(everyMs, () => {
      this.#waiting.delete(cancel)
      if (this.#closed) return
      this.#options.send(HEARTBEAT)
      this.#beat(everyMs)
    })
    this.#waiting.add(cancel)
  }

  #send(number: number, tree: MethodTree): void {
    const bytes = writeFrames(number, tree, this.#frameMax)
    if (!this.#closed && bytes.length > 0) this.#options.send(bytes)
  }

  #end(how: 'end' | 'reset'): void {
    if (this.#closed) return
    this.close()
    this.#options.close(how)
  }
}
