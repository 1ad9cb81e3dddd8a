import type { JsonObject } from '../json.ts'

/** One request that was recorded, with its answer; secrets are placeholders. */
export interface Recording {
  readonly name: string
  readonly key: string
  readonly method: string
  /** From `/v1` on. */
  readonly path: string
  readonly model: string
  /** When it was recorded, as RFC 3339. */
  readonly recordedAt: string
  /** The body as it is compared. */
  readonly normalised: unknown
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The answer; of a stream one piece per event, else a single one. */
  readonly pieces: readonly string[]
  readonly stream: boolean
  /** Milliseconds in front of each piece. */
  readonly pauses: readonly number[]
}

/** What is written about an exchange. */
export interface NewRecording {
  readonly method: string
  readonly path: string
  /** The base URL that stands for `/v1`. */
  readonly upstream: string
  readonly model: string
  readonly requestHeaders: readonly (readonly [string, string])[]
  readonly requestBody: Buffer
  readonly status: number
  readonly responseHeaders: readonly (readonly [string, string])[]
  readonly responseBody: string
  readonly stream: boolean
  readonly pauses: readonly number[]
  /** Milliseconds since the epoch. */
  readonly requestAt: number
  readonly responseAt: number
}

/** A document as it goes into the file. */
export type MockModel = JsonObject

/** The events of a stream, each with the blank line that ends it. */
export function splitEvents(text: string): string[] {
  return text.match(/[\s\S]+?(?:\r?\n\r?\n|$)/g) ?? []
}
