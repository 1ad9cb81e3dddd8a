import { randomBytes } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'

import type { StreamItem } from '@keploy-framework/format'
import { closePayload, encodeFrame, WEBSOCKET_OPCODES, WebSocketParser } from '@keploy-framework/wire'

import { defaults } from '../defaults.ts'
import type { IncomingResponse, OutgoingRequest, SendProblem } from './outgoing.ts'
import { describeSendError } from './send-error.ts'
import type { Target } from './target.ts'

export interface WebSocketOptions {
  readonly target: Target
  /** Limit of the whole conversation, in milliseconds. */
  readonly timeoutMs: number
  /** Largest message that is kept, in bytes. */
  readonly bodyLimit: number
  /** How long more messages than were recorded are waited for, in milliseconds. Default: 250. */
  readonly settleMs?: number
  /** Puts live values into a text message before it is sent. */
  readonly fill?: (text: string) => string
  /** Told of each message of the service, and what was recorded in its place, before we answer it. */
  readonly heard?: (recorded: StreamItem, live: StreamItem) => void
}

export interface WebSocketConversation {
  readonly response: IncomingResponse
  /** What was said, in the order in which it was: our messages and theirs. */
  readonly items: StreamItem[]
}

/**
 * Replays a recorded WebSocket conversation: each of the client's messages is sent when as many server messages have
 * come as stood before it in the recording. A service that does not upgrade is answered with its plain response.
 */
export function replayWebSocket(
  outgoing: OutgoingRequest,
  recorded: readonly StreamItem[],
  options: WebSocketOptions,
): Promise<WebSocketConversation | SendProblem> {
  return new Promise((resolve) => {
    const { target, timeoutMs } = options
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest
    let answered = false
    const request = send({
      host: target.hostname,
      port: target.port,
      method: outgoing.method,
      path: outgoing.path,
      headers: upgradeHeaders(outgoing.headers),
      agent: false,
    })
    const timer = setTimeout(() => {
      settle({ kind: 'timeout', message: `The WebSocket was not opened within ${timeoutMs} ms.` })
    }, timeoutMs)
    const settle = (outcome: WebSocketConversation | SendProblem): void => {
      clearTimeout(timer)
      request.destroy()
      resolve(outcome)
    }
    request.once('error', (error) => settle(describeSendError(error, answered)))
    request.once('upgrade', (response, socket, head) => {
      clearTimeout(timer)
      const conversation = new Conversation(response, socket, recorded, options)
      void conversation
        .run(head)
        .then((items) => resolve({ response: plainResponse(response, Buffer.alloc(0)), items }))
    })
    request.once('response', (response) => {
      answered = true
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= options.bodyLimit) chunks.push(chunk)
      })
      response.once('error', (error) => settle(describeSendError(error, true)))
      response.once('end', () => settle({ response: plainResponse(response, Buffer.concat(chunks)), items: [] }))
    })
    request.end()
  })
}

/** One open conversation. */
class Conversation {
  readonly #items: StreamItem[] = []
  readonly #socket: Duplex
  readonly #recorded: readonly StreamItem[]
  readonly #options: WebSocketOptions
  readonly #parser: WebSocketParser
  readonly #expected: number
  /** What the service said in the recording. */
  readonly #answers: readonly StreamItem[]
  #received = 0
  #next = 0
  #closed = false
  #settling: NodeJS.Timeout | undefined
  #finish: () => void = () => undefined

  constructor(response: IncomingMessage, socket: Duplex, recorded: readonly StreamItem[], options: WebSocketOptions) {
    this.#socket = socket
    this.#recorded = recorded.filter(isSpoken)
    this.#options = options
    this.#answers = this.#recorded.filter((item) => item.from === 'server')
    this.#expected = this.#answers.length
    const agreed = (response.headers['sec-websocket-extensions'] ?? '').toLowerCase()
    this.#parser = new WebSocketParser({
      limit: options.bodyLimit,
      deflate: agreed.includes('permessage-deflate'),
      noContextTakeover: agreed.includes('server_no_context_takeover'),
    })
  }

  async run(head: Buffer): Promise<StreamItem[]> {
    const done = new Promise<void>((resolve) => {
      this.#finish = resolve
    })
    const timer = setTimeout(this.#finish, this.#options.timeoutMs)
    this.#socket.on('error', () => this.#finish())
    this.#socket.once('close', () => this.#finish())
    this.#socket.once('end', () => this.#finish())
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#speak()
    if (head.length > 0) this.#read(head)
    await done
    clearTimeout(timer)
    clearTimeout(this.#settling)
    this.#parser.close()
    this.#socket.destroy()
    return this.#items
  }

  #read(chunk: Buffer): void {
    for (const data of this.#parser.push(chunk)) {
      if (data.type === 'ping') this.#frame(WEBSOCKET_OPCODES.pong, data.bytes)
      const item: StreamItem = { at: Date.now(), from: 'server', data }
      if (!isSpoken(item)) continue
      this.#items.push(item)
      const counterpart = this.#answers[this.#received]
      if (counterpart !== undefined) this.#options.heard?.(counterpart, item)
      this.#received += 1
      if (data.type === 'close') {
        if (!this.#closed) this.#frame(WEBSOCKET_OPCODES.close, closePayload(data.code))
        this.#finish()
        return
      }
    }
    this.#speak()
    if (this.#parser.problem !== undefined || this.#received > this.#expected) this.#finish()
  }

  /** Says everything that is due. */
  #speak(): void {
    let before = 0
    for (const [index, item] of this.#recorded.entries()) {
      if (item.from === 'server') {
        before += 1
        continue
      }
      if (index < this.#next) continue
      if (before > this.#received) return
      this.#next = index + 1
      this.#say(item)
    }
    if (this.#received < this.#expected || this.#settling !== undefined) return
    // All has been said. A message too many would come now; then the connection is ours to end.
    this.#settling = setTimeout(() => {
      if (!this.#closed) this.#frame(WEBSOCKET_OPCODES.close, closePayload(1000))
      this.#finish()
    }, this.#options.settleMs ?? defaults.streamSettleMs)
  }

  #say({ data }: StreamItem): void {
    this.#items.push({ at: Date.now(), from: 'client', data })
    if (data.type === 'text') {
      this.#frame(WEBSOCKET_OPCODES.text, Buffer.from(this.#options.fill?.(data.text) ?? data.text))
    } else if (data.type === 'binary') this.#frame(WEBSOCKET_OPCODES.binary, data.bytes)
    else if (data.type === 'close') {
      this.#closed = true
      this.#frame(WEBSOCKET_OPCODES.close, closePayload(data.code, data.reason))
    }
  }

  #frame(opcode: number, payload: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame(payload, { opcode, mask: true }))
  }
}

/** Pings and pongs keep a connection alive; they are answered, not compared. */
function isSpoken({ data }: StreamItem): boolean {
  return data.type === 'text' || data.type === 'binary' || data.type === 'close'
}

function upgradeHeaders(recorded: readonly string[]): string[] {
  const headers = ['Connection', 'Upgrade', 'Upgrade', 'websocket', ...recorded]
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'sec-websocket-key')
  if (at === -1) headers.push('Sec-WebSocket-Key', randomBytes(16).toString('base64'))
  else if (Buffer.from(headers[at + 1] ?? '', 'base64').length !== 16)
    headers[at + 1] = randomBytes(16).toString('base64')
  if (!headers.some((text, index) => index % 2 === 0 && text.toLowerCase() === 'sec-websocket-version')) {
    headers.push('Sec-WebSocket-Version', '13')
  }
  return headers
}

function plainResponse(response: IncomingMessage, body: Buffer): IncomingResponse {
  const headers: (readonly [string, string])[] = []
  const raw = response.rawHeaders
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i] ?? '', raw[i + 1] ?? ''])
  return { status: response.statusCode ?? 0, reason: response.statusMessage ?? '', headers, body, cut: undefined }
}
