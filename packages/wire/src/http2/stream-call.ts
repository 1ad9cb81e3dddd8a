import type { CallContent, HeaderList } from '@keploy-framework/format'
import { headerValue } from '@keploy-framework/format'

/** What one stream of HTTP/2 carries, as it is read. */
export interface StreamCall {
  requestData(chunk: Buffer, at: number): void
  requestEnd(at: number): void
  responseHead(headers: HeaderList, at: number): void
  responseData(chunk: Buffer, at: number): void
  responseTrailers(headers: HeaderList, at: number): void
  /** The server gave the stream up, with an error code. */
  responseReset(code: number): void
  /** Why bytes of it were lost. */
  readonly problem: string | undefined
  finish(state: 'complete' | 'open' | 'aborted', at: number): Omit<CallContent, 'lifetime' | 'ended'>
}

/** The start of a stream, by its first header section. */
export interface StreamStart {
  readonly headers: HeaderList
  readonly method: string
  readonly target: string
  readonly host: string
  readonly at: number
  readonly limit: number
}

export function streamStart(headers: HeaderList, at: number, limit: number): StreamStart {
  const value = (name: string): string | undefined => headerValue(headers, name)
  return {
    headers,
    method: value(':method') ?? '',
    target: value(':path') ?? '',
    host: value(':authority') ?? value('host') ?? '',
    at,
    limit,
  }
}

/** Whether a request is one of gRPC. */
export function isGrpc(contentType: string | undefined): boolean {
  return /^application\/grpc(?:[+;]|$)/i.test(contentType ?? '')
}
