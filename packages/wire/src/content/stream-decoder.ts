import zlib from 'node:zlib'

import { contentCodings } from './decode.ts'

// oxlint-disable no-underscore-dangle -- the only way to decode synchronously in steps has these names

/** What the zlib streams of Node offer beside their documented face. */
interface SyncStream {
  _processChunk(chunk: Uint8Array, flush: number): Buffer
  _handle: { close: (this: void) => void } | null
  close(): void
  on(event: 'error', listener: () => void): unknown
  removeAllListeners(event: 'error'): unknown
}

function open(coding: string, maxOutputLength: number): SyncStream | undefined {
  const options = { maxOutputLength }
  const stream =
    coding === 'gzip' || coding === 'x-gzip'
      ? zlib.createGunzip(options)
      : coding === 'deflate'
        ? zlib.createInflate(options)
        : coding === 'deflate-raw'
          ? zlib.createInflateRaw(options)
          : coding === 'br'
            ? zlib.createBrotliDecompress(options)
            : coding === 'zstd'
              ? zlib.createZstdDecompress(options)
              : undefined
  return stream as unknown as SyncStream | undefined
}

function flushFlag(coding: string): number {
  if (coding === 'br') return zlib.constants.BROTLI_OPERATION_FLUSH
  if (coding === 'zstd') return zlib.constants.ZSTD_e_flush
  return zlib.constants.Z_SYNC_FLUSH
}

/**
 * Undoes one content coding chunk by chunk, at once: what a chunk yields is there before the next one comes, so that
 * events keep their time. At most `limit` bytes come out of one chunk.
 */
export class StreamDecoder {
  readonly #stream: SyncStream | undefined
  readonly #flush: number
  failed = false

  constructor(encoding: string, limit: number) {
    const codings = contentCodings(encoding)
    const coding = codings[0] ?? ''
    this.#stream = codings.length === 1 ? open(coding, limit) : undefined
    this.#flush = flushFlag(coding)
    this.failed = this.#stream === undefined || typeof this.#stream._processChunk !== 'function'
    this.#stream?.on('error', this.#onError)
  }

  readonly #onError = (): void => {
    this.failed = true
  }

  /** The bytes that a chunk yields; undefined when it is not in the coding, or yields more than the limit. */
  push(chunk: Uint8Array): Buffer | undefined {
    const stream = this.#stream
    const handle = stream?._handle
    if (this.failed || stream === undefined || handle === undefined || handle === null) return undefined
    const { close } = handle
    // The synchronous call closes the native handle after its one chunk; here more will come. npm's own tar reader
    // keeps it open in the same way.
    handle.close = () => {}
    try {
      // A copy: the next call writes into the same memory.
      return Buffer.from(stream._processChunk(chunk, this.#flush))
    } catch {
      this.failed = true
      return undefined
    } finally {
      handle.close = close
      stream._handle = handle
      // Each call leaves a listener behind.
      stream.removeAllListeners('error')
      stream.on('error', this.#onError)
    }
  }

  close(): void {
    try {
      this.#stream?.close()
    } catch {
      // It was closed by its own failure.
    }
  }
}
