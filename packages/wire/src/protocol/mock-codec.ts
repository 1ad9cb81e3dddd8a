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

/** What a document needs of earlier ones; only its protocol knows what it is. */
export type MockContext = object

/** A document as a codec gets it: `lifetime` is what its metadata says. */
export type MockSource = MockSpec & { readonly lifetime: CallContent['lifetime'] }

/** Goes through the documents of a file in their order, for kinds whose documents need what earlier ones say. */
export interface MockTracker {
  /** Notes what a document declares, and gives what it needs itself; `connection` is the one that the document names. */
  see(mock: MockSource, connection: string): MockContext | undefined
}

/** How the calls of a protocol stand in files of mocks. */
export interface MockCodec {
  /** The kinds that are read. The first one is written. */
  readonly kinds: readonly MockKind[]
  /** Makes the document of a call, in a kind that people can read; the same call gives the same document. */
  encode(call: CallContent): MockSpec
  /**
   * Makes calls of a document, whoever wrote it: usually one; several where a kind keeps a whole conversation in one
   * document. `context` is what `createTracker` gave for it; without it, a document stands alone.
   */
  decode(mock: MockSource, context?: MockContext): DecodedMock
  /** For kinds whose documents need what earlier ones of their file say, such as the text of a prepared statement. */
  createTracker?(): MockTracker
}
