import { once } from 'node:events'
import net from 'node:net'

export interface RawResponse {
  readonly status: string
  readonly body: string
}

/** A keep-alive connection for requests that are bytes already: as cheap as a client can be, which shares the machine with what it measures. */
export class RawConnection {
  readonly #socket: net.Socket
  #seen = ''
  #done: PromiseWithResolvers<RawResponse> | undefined

  private constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#done?.reject(new Error('The connection ended before the answer.')))
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** One at a time. Rejects when the connection ends before the answer. */
  send(request: Buffer): Promise<RawResponse> {
    this.#done = Promise.withResolvers()
    if (this.#socket.destroyed) this.#done.reject(new Error('The connection has ended.'))
    else this.#socket.write(request)
    return this.#done.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  /** The answers that are expected here all say how long they are. */
  #read(chunk: Buffer): void {
    this.#seen += chunk.toString('latin1')
    const end = this.#seen.indexOf('\r\n\r\n')
    if (end === -1) return
    const length = Number(/\ncontent-length: (\d+)/i.exec(this.#seen)?.[1] ?? 0)
    if (this.#seen.length < end + 4 + length) return
    const [status, body] = [this.#seen.slice(9, 12), this.#seen.slice(end + 4)]
    this.#seen = ''
    this.#done?.resolve({ status, body })
  }
}
