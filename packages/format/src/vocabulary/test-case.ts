import type { StreamItem } from './exchange.ts'
import type { HeaderList } from './headers.ts'

/** A body in a test: nothing, text, or bytes that are not UTF-8 text (`!!binary` in the file). */
export type BodyValue =
  | { readonly type: 'empty' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'binary'; readonly bytes: Uint8Array }
  /** A streamed body: a sequence of timed events in the file. */
  | { readonly type: 'stream'; readonly kind: 'sse' | 'ndjson' | 'raw'; readonly items: readonly StreamItem[] }
  /** Only size, and maybe digest, are known (`body_skipped`, or past our limit). */
  | { readonly type: 'omitted'; readonly size: number; readonly sha256?: string }

/** One part of a recorded multipart form. `paths` are relative to the set, and checked to stay inside it when read. */
export interface FormPart {
  readonly key: string
  readonly values: readonly string[]
  readonly paths: readonly string[]
}

export interface TestRequest {
  readonly method: string
  /** As recorded: usually absolute, sometimes only a path. */
  readonly url: string
  readonly protoMajor: number
  readonly protoMinor: number
  readonly headers: HeaderList
  readonly body: BodyValue
  /** Where a large body lies, relative to the set. */
  readonly bodyRef?: { readonly path: string; readonly size: number }
  readonly form?: readonly FormPart[]
  /** Content encoding to apply to the body before sending (it is stored decoded). */
  readonly encoding?: string
  /** The encoded bytes as they were received, relative to the set, where encoding the body again would differ. */
  readonly wireBody?: { readonly path: string; readonly size: number; readonly sha256?: string }
  /** Milliseconds since the epoch; 0 when unknown. */
  readonly timestamp: number
}

export interface TestResponse {
  readonly status: number
  readonly statusMessage: string
  readonly headers: HeaderList
  readonly body: BodyValue
  readonly timestamp: number
}

/** Keploy's assertions, dialects undone. When any of them but `noise` is present, only they decide. */
export interface TestAssertions {
  /** Path (`header.Date`, `body.user.id`) to regular expressions; an empty list means "ignore always". */
  readonly noise: ReadonlyMap<string, readonly string[]>
  readonly statusCode?: number
  readonly statusCodeClass?: string
  readonly statusCodeIn?: readonly number[]
  readonly headerEqual?: ReadonlyMap<string, string>
  readonly headerContains?: ReadonlyMap<string, string>
  readonly headerExists?: readonly string[]
  readonly headerMatches?: ReadonlyMap<string, string>
  readonly jsonEqual?: boolean
  readonly jsonContains?: unknown
}

/** What people say of a test beside its traffic; kept in the sidecar. */
export interface TestAnnotations {
  readonly suite?: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly skip: boolean
  readonly only: boolean
  /**
   * How long the answer may take to become what was recorded, in milliseconds: a `GET` or `HEAD` is sent again until then,
   * where dependencies are real. For what a service stores after it has answered. Default: it is sent once.
   */
  readonly withinMs?: number
}

/** A WebSocket conversation: the upgrade stands in the test's request and response, the messages here. */
export interface TestStream {
  readonly kind: 'websocket'
  readonly items: readonly StreamItem[]
}

/** One recorded test, whatever dialect its file is written in. */
export interface TestCase {
  readonly name: string
  readonly kind: 'Http' | 'gRPC'
  /** The file, relative to the set's folder, with forward slashes. */
  readonly file: string
  readonly request: TestRequest
  readonly response: TestResponse
  readonly assertions: TestAssertions
  readonly annotations: TestAnnotations
  readonly stream?: TestStream
  /** Unix seconds; 0 when unknown. */
  readonly created: number
  readonly appPort?: number
  /** How long the recorded service took, in milliseconds, where the sidecar knows it. */
  readonly durationMs?: number
}

/** One secret that was replaced in a set: what it was, where it was first seen, and how a replay can fill it. */
export interface SecretRecord {
  /** The number in `{{secret.N}}`. */
  readonly number: number
  readonly kind: string
  /** For example `request header Authorization of post-login-1`. */
  readonly firstSeen: string
  /** For a JWT: its header and the claims that say nothing about a person. */
  readonly jwt?: { readonly header: Record<string, unknown>; readonly claims: Record<string, unknown> }
}

/** A folder of tests as it lies on disk. */
export interface TestSet {
  readonly name: string
  /** Absolute path of the set's folder. */
  readonly directory: string
  readonly tests: readonly TestCase[]
  readonly secrets: readonly SecretRecord[]
  /** Commands that the set itself names; run only with `--allow-scripts`. */
  readonly scripts: { readonly pre?: string; readonly post?: string; readonly appCommand?: string }
  /** Values for `{{ .name }}` templates. */
  readonly templates: Readonly<Record<string, unknown>>
}
