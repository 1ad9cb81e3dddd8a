import { createHash } from 'node:crypto'

import type { Value } from '@keploy-framework/format'

import type { MockServerOptions } from '../protocol/mock-server.ts'
import { bytesOf, isTree } from '../protocol/value.ts'
import { closePayload, encodeFrame, WEBSOCKET_OPCODES } from '../websocket/encode-frame.ts'
import { WebSocketParser } from '../websocket/parse-messages.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The `Sec-WebSocket-Accept` that belongs to a client's key. */
export function websocketAccept(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64')
}

function frameOf(item: { readonly [key: string]: Value }): Buffer | undefined {
  const { text, binary, ping, pong } = item
  if (typeof text === 'string') return encodeFrame(Buffer.from(text), { opcode: WEBSOCKET_OPCODES.text, mask: false })
  if (binary instanceof Uint8Array || typeof binary === 'string') {
    return encodeFrame(bytesOf(binary), { opcode: WEBSOCKET_OPCODES.binary, mask: false })
  }
  if (ping instanceof Uint8Array || typeof ping === 'string') {
    return encodeFrame(bytesOf(ping).subarray(0, 125), { opcode: WEBSOCKET_OPCODES.ping, mask: false })
  }
  // Pongs answer live pings, not recorded ones.
  if (pong !== undefined || item['close'] === undefined) return undefined
  const code = Number(item['close'])
  const reason = typeof item['reason'] === 'string' ? item['reason'] : ''
  const valid = item['close'] !== null && Number.isInteger(code) && code >= 1000 && code <= 4999
  const payload = closePayload(valid ? code : undefined, reason).subarray(0, 125)
  return encodeFrame(payload, { opcode: WEBSOCKET_OPCODES.close, mask: false })
}

/**
 * Plays the server of an upgraded connection: each recorded message of the server is sent once the client has sent as many
 * messages as stood before it in the recording.
 */
export class WebSocketReplay {
  readonly #options: MockServerOptions
  readonly #items: readonly { readonly [key: string]: Value }[]
  readonly #parser = new WebSocketParser()
  #next = 0
  #received = 0
  #closed = false
  #cancel: (() => void) | undefined

  constructor(options: MockServerOptions, items: readonly Value[]) {
    this.#options = options
    this.#items = items.filter((item) => isTree(item))
  }

  start(): void {
    this.#advance()
  }

  push(chunk: Buffer): void {
    if (this.#closed) return
    for (const data of this.#parser.push(chunk)) {
      if (data.type === 'ping') this.#send(encodeFrame(data.bytes, { opcode: WEBSOCKET_OPCODES.pong, mask: false }))
      else if (data.type === 'close') {
        this.#send(encodeFrame(closePayload(data.code, data.reason), { opcode: WEBSOCKET_OPCODES.close, mask: false }))
        this.#finish()
        return
      } else if (data.type !== 'pong') this.#received += 1
    }
    if (this.#parser.problem === undefined) this.#advance()
    else this.#finish()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
    this.#parser.close()
  }

  #finish(): void {
    if (this.#closed) return
    this.close()
    this.#options.close('end')
  }

  #send(bytes: Uint8Array): void {
    if (!this.#closed) this.#options.send(bytes)
  }

  #advance(): void {
    if (this.#cancel !== undefined) return
    while (!this.#closed && this.#next < this.#items.length) {
      const item = this.#items[this.#next] as { readonly [key: string]: Value }
      const message = item['text'] ?? item['binary']
      if (item['from'] === 'client') {
        if (message !== undefined) {
          if (this.#received === 0) return
          this.#received -= 1
        }
        this.#next += 1
        continue
      }
      const wait = this.#wait(item)
      if (wait > 0) {
        this.#cancel = this.#options.schedule(wait, () => {
          this.#cancel = undefined
          this.#say(item)
          this.#advance()
        })
        return
      }
      this.#say(item)
    }
  }

  #wait(item: { readonly [key: string]: Value }): number {
    if (this.#options.keepTiming !== true || this.#next === 0) return 0
    const before = this.#items[this.#next - 1] as { readonly [key: string]: Value }
    return (Number(item['atMs']) || 0) - (Number(before['atMs']) || 0)
  }

  #say(item: { readonly [key: string]: Value }): void {
    this.#next += 1
    const frame = frameOf(item)
    if (frame !== undefined) this.#send(frame)
  }
}
