import type { SecretRecord } from '../vocabulary/test-case.ts'

/** The version and kind that `framework.yaml` carries. */
export const sidecarVersion = 'keploy-framework.io/v1'
export const sidecarKind = 'TestSetSidecar'
export const sidecarFile = 'framework.yaml'

/** What is known of a body that is not kept. */
export interface OmittedBody {
  readonly size: number
  readonly sha256?: string
}

/** What `framework.yaml` says of one test. */
export interface SidecarTest {
  readonly durationMs?: number
  readonly suite?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly skip?: boolean
  readonly only?: boolean
  /** How long the answer may take to become what was recorded, in milliseconds; see `TestAnnotations`. */
  readonly withinMs?: number
  /** Headers that stand more than once: name to values. */
  readonly requestHeaders?: Readonly<Record<string, readonly string[]>>
  readonly responseHeaders?: Readonly<Record<string, readonly string[]>>
  /** The content encoding that was undone in the stored request body. */
  readonly requestEncoding?: string
  /** The request body as received, where encoding it again would give other bytes. */
  readonly requestWire?: { readonly path: string; readonly size: number; readonly sha256?: string }
  readonly requestOmitted?: OmittedBody
  readonly responseOmitted?: OmittedBody
  /** The file of the WebSocket conversation, relative to the set. */
  readonly stream?: string
  /** Everything else that stands there, by key; kept when the sidecar is written again. */
  readonly other: ReadonlyMap<string, unknown>
}

/** What Keploy has no place for in a set; it lies in `framework.yaml` beside the tests. */
export interface Sidecar {
  readonly tests: ReadonlyMap<string, SidecarTest>
  readonly secrets: readonly SecretRecord[]
  /** Everything else on the first level (`bindings`, `arrayOrder`, `noise`…), by key. */
  readonly other: ReadonlyMap<string, unknown>
}

/** A sidecar that says nothing. */
export function emptySidecar(): Sidecar {
  return { tests: new Map(), secrets: [], other: new Map() }
}
