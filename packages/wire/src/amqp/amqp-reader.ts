import type { Value } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import type { CallEvent, ReadCall, ReaderOptions } from '../protocol/protocol.ts'
import { ChannelLog, type Pending } from './channel-log.ts'
import { cleanRequest, lifetimeOf, omit, PROTOCOL_HEADER } from './clean-request.ts'
import { FrameReader } from './frame-reader.ts'
import type { MethodTree } from './method-codec.ts'
import { methodOf, repliesTo } from './methods.ts'

const DEFAULT_MESSAGE_LIMIT = 16 * 1024 * 1024
/** Requests of one channel without an answer that are kept at most. */
const PENDING_LIMIT = 100_000
/** Answers of a client to what the server said by itself, and to its limits. */
const CLIENT_ANSWERS = new Set([
  'connection.tune-ok',
  'connection.secure-ok',
  'connection.close-ok',
  'channel.close-ok',
  'channel.flow-ok',
  'basic.cancel-ok',
])
/** What a server may answer that is no `-ok`. */
const OTHER_ANSWERS: Readonly<Record<string, string>> = {
  'connection.start': PROTOCOL_HEADER,
  'connection.tune': 'connection.start-ok',
}
const SETTLING = new Set(['basic.ack', 'basic.nack', 'basic.reject'])

type State = ReadCall['state']

/** Reads a connection: each method of a channel and its answer is a call, and so is each message that is delivered. */
export class AmqpReader implements ConnectionCodec {
  readonly #options: ReaderOptions
  readonly #emit: (event: CallEvent) => void
  readonly #sides: { readonly client: FrameReader; readonly server: FrameReader }
  readonly #channels = new Map<number, ChannelLog>()
  #begun = false
  #last: number | undefined
  #over = false

  constructor(options: ReaderOptions, emit: (event: CallEvent) => void) {
    this.#options = options
    this.#emit = emit
    const limit = options.messageLimit ?? DEFAULT_MESSAGE_LIMIT
    this.#sides = { client: new FrameReader(limit), server: new FrameReader(limit) }
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number): void {
    if (this.#over) return
    const frames = this.#sides[from]
    frames.push(chunk)
    if (from === 'client' && !this.#begun) {
      const header = frames.takeHeader()
      if (header === undefined) return
      if (header.toString('latin1', 0, 4) !== 'AMQP')
        return this.#gap(from, 'the connection does not begin with AMQP', at)
      this.#begun = true
      const version = `${header[5]}-${header[6]}-${header[7]}`
      this.#ask(0, { method: PROTOCOL_HEADER, version }, at)
    }
    for (;;) {
      const read = frames.next()
      if (read === undefined) return
      if ('problem' in read) return this.#gap(from, read.problem, at)
      const { channel, tree } = read
      const problem = from === 'client' ? this.#fromClient(channel, tree, at) : this.#fromServer(channel, tree, at)
      if (problem !== undefined) return this.#gap(from, problem, at)
    }
  }

  end(from: 'client' | 'server', at: number): void {
    if (from === 'server') this.#finishAll('complete', at, 'end')
  }

  abort(at: number): void {
    this.#finishAll('aborted', at, 'reset')
    this.#over = true
  }

  stop(at: number): void {
    this.#finishAll('open', at)
    this.#over = true
  }

  #channel(number: number): ChannelLog {
    let log = this.#channels.get(number)
    if (log === undefined) this.#channels.set(number, (log = new ChannelLog()))
    return log
  }

  #fromClient(number: number, tree: MethodTree, at: number): string | undefined {
    // What was sent before the client knew that its channel is closed is never answered.
    if (tree.method === 'channel.close-ok') this.#forget(number, at)
    if (CLIENT_ANSWERS.has(tree.method)) return undefined
    const channel = this.#channel(number)
    if (channel.waiting.length + channel.unconfirmed.size >= PENDING_LIMIT) {
      return `more than ${PENDING_LIMIT} requests of a channel have no answer`
    }
    if (tree.method === 'confirm.select') channel.confirming = true
    this.#ask(number, SETTLING.has(tree.method) ? channel.deliveries.settle(tree) : cleanRequest(tree), at)
    return undefined
  }

  #ask(number: number, request: MethodTree, at: number): void {
    const channel = this.#channel(number)
    const id = this.#options.nextId()
    this.#emit({ type: 'open', id, at })
    const answered =
      request.method === 'basic.publish'
        ? channel.confirming
        : request.method === PROTOCOL_HEADER ||
          request.method === 'connection.start-ok' ||
          (request['nowait'] !== true && repliesTo(request.method).length > 0)
    const pending: Pending = { id, request, replies: repliesTo(request.method), startedAt: at }
    if (answered) channel.wait(pending)
    else this.#finish(pending, 'complete', at)
  }

  #fromServer(number: number, tree: MethodTree, at: number): string | undefined {
    const channel = this.#channel(number)
    switch (tree.method) {
      case 'basic.ack':
      case 'basic.nack':
        for (const pending of channel.takeConfirmed(tree['deliveryTag'], tree['multiple'] === true)) {
          const { returned } = pending
          this.#finish(pending, 'complete', at, { method: tree.method, ...(returned !== undefined && { returned }) })
        }
        return undefined
      case 'basic.return':
        return this.#returned(channel, tree, at)
      case 'basic.deliver':
        if (!channel.silent.has(tree['consumerTag'] ?? '')) channel.deliveries.add(tree['deliveryTag'], tree)
        return this.#said(omit(tree, 'deliveryTag'), at)
      case 'basic.cancel':
      case 'connection.blocked':
      case 'connection.unblocked':
      case 'channel.flow':
        return this.#said(tree, at)
      case 'channel.close':
      case 'connection.close':
        return this.#closed(number, channel, tree, at)
      case 'connection.secure':
        return undefined
      default:
        return this.#answered(number, channel, tree, at)
    }
  }

  #answered(number: number, channel: ChannelLog, tree: MethodTree, at: number): string | undefined {
    const asked = OTHER_ANSWERS[tree.method]
    const index = asked === undefined ? -1 : channel.waiting.findIndex(({ request }) => request.method === asked)
    const pending = index < 0 ? channel.takeAnswered(tree.method) : channel.waiting.splice(index, 1)[0]
    if (pending === undefined) return `${tree.method} answers nothing`
    const { request } = pending
    if (tree.method === 'basic.consume-ok' && request['noAck'] === true) channel.silent.add(tree['consumerTag'] ?? '')
    if (tree.method === 'basic.get-ok' && request['noAck'] !== true) channel.deliveries.add(tree['deliveryTag'], tree)
    this.#finish(pending, 'complete', at, omit(tree, 'deliveryTag'))
    if (tree.method === 'channel.close-ok') this.#forget(number, at)
    return undefined
  }

  /** A message that no queue took: part of the answer to its publisher where that waits for one. */
  #returned(channel: ChannelLog, tree: MethodTree, at: number): undefined {
    const pending = [...channel.unconfirmed.values()].find(
      ({ request, returned }) =>
        returned === undefined &&
        (request['mandatory'] === true || request['immediate'] === true) &&
        request['exchange'] === tree['exchange'] &&
        request['routingKey'] === tree['routingKey'],
    )
    if (pending === undefined) return this.#said(tree, at)
    pending.returned = { replyCode: tree['replyCode'] ?? 0, replyText: tree['replyText'] ?? '' }
    return undefined
  }

  /** The server closed a channel or the connection: that answers the request that it names, and ends all others. */
  #closed(number: number, channel: ChannelLog, { classId, methodId, ...tree }: MethodTree, at: number): undefined {
    const cause = methodOf(Number(classId), Number(methodId))?.name
    const response = { ...tree, ...(cause !== undefined && { cause }) } as MethodTree
    const logs = number === 0 ? [...this.#channels.values()] : [channel]
    const all = logs.flatMap((log) => [...log.waiting, ...log.unconfirmed.values()])
    const named =
      all.find(({ request }) => request.method === cause) ?? (number === 0 && cause === undefined ? all[0] : undefined)
    for (const log of logs) {
      for (const pending of log.takeAll()) {
        if (pending === named) this.#finish(pending, 'complete', at, response)
        else this.#finish(pending, 'aborted', at)
      }
    }
    if (named === undefined) this.#said(response, at)
    this.#forget(number, at)
    return undefined
  }

  #forget(number: number, at: number): void {
    for (const pending of this.#channels.get(number)?.takeAll() ?? []) this.#finish(pending, 'aborted', at)
    this.#channels.delete(number)
  }

  #said(response: MethodTree, at: number): undefined {
    const id = this.#options.nextId()
    this.#emit({ type: 'open', id, at })
    const after = this.#last
    this.#tell({
      id,
      operation: response.method,
      request: null,
      response,
      lifetime: 'test',
      state: 'complete',
      startedAt: at,
      endedAt: at,
      ...(after !== undefined && { after }),
    })
    return undefined
  }

  #finishAll(state: State, at: number, ended?: 'end' | 'reset'): void {
    for (const channel of this.#channels.values()) {
      for (const pending of channel.takeAll()) this.#finish(pending, state, at, undefined, ended)
    }
  }

  #finish(
    { id, request, startedAt }: Pending,
    state: State,
    at: number,
    response?: Value,
    ended?: 'end' | 'reset',
  ): void {
    this.#tell({
      id,
      operation: request.method,
      request,
      ...(response !== undefined && { response }),
      lifetime: lifetimeOf(request),
      state,
      startedAt,
      endedAt: at,
      ...(ended !== undefined && { ended }),
    })
  }

  #tell(call: Omit<ReadCall, 'protocol' | 'connection'>): void {
    this.#emit({ type: 'call', call: { protocol: 'amqp', connection: this.#options.connection, ...call } })
    this.#last = call.id
  }

  #gap(from: 'client' | 'server', reason: string, at: number): void {
    this.#over = true
    this.#finishAll('aborted', at)
    this.#emit({ type: 'gap', connection: this.#options.connection, from, reason: `AMQP: ${reason}`, at })
  }
}
