import type { CallContent, MockKind, YamlValue } from '@keploy-framework/format'

/** The part of a document that a protocol owns: `spec` without `metadata` and time stamps. */
export interface MockSpec {
  readonly kind: MockKind
  readonly spec: Readonly<Record<string, YamlValue>>
  /** Entries of `spec.metadata` beside those that every mock has (`type`, `connID`, `dependency`, `operation`). */
  readonly metadata?: Readonly<Record<string, string>>
}

export type DecodedMock =
  | { readonly calls: readonly CallContent[] }
  /** Why it is no call: one sentence that names the field. */
  | { readonly problem: string }

/** How the calls of a protocol stand in files of mocks. */
export interface MockCodec {
  /** The kinds that are read. The first one is written. */
  readonly kinds: readonly MockKind[]
  /** Makes the document of a call, in a kind that people can read; the same call gives the same document. */
  encode(call: CallContent): MockSpec
  /**
   * Makes calls of a document, whoever wrote it: usually one; several where a kind keeps a whole conversation in one
   * document. `lifetime` is what the document's metadata says.
   */
  decode(mock: MockSpec & { readonly lifetime: CallContent['lifetime'] }): DecodedMock
}
