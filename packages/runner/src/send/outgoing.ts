/** A request as it goes on the wire: header names and values alternate, in the recorded order and case. */
export interface OutgoingRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: string[]
  readonly body: Uint8Array | undefined
}

/** A response as it came: nothing decoded but the transfer encoding. */
export interface IncomingResponse {
  readonly status: number
  readonly reason: string
  readonly headers: (readonly [string, string])[]
  readonly body: Buffer
  /** `limit`: longer than allowed, `body` holds its beginning. `enough`: a stream that was read as far as needed. */
  readonly cut: 'limit' | 'enough' | undefined
  /** Of a body beyond the limit, as it came; `body` is empty then. */
  readonly digest?: { readonly size: number; readonly sha256: string }
}

/** Why there is no response. */
export interface SendProblem {
  readonly kind: 'refused' | 'connection' | 'timeout' | 'invalid-test'
  readonly message: string
}

export type SendOutcome = IncomingResponse | SendProblem

/** Tells the two apart. */
export function isProblem<T extends object>(outcome: T | SendProblem): outcome is SendProblem {
  return 'kind' in outcome
}
