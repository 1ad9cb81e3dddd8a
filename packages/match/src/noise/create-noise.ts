import type { InputIssue } from '@keploy-framework/format'

/** Noise as it stands in `globalNoise`: by part, then by name or path, a list of regular expressions (empty: ignore always). */
export interface NoiseBuckets {
  readonly body?: Readonly<Record<string, readonly string[]>>
  readonly header?: Readonly<Record<string, readonly string[]>>
}

/** The three layers of noise; for the same path the test's rule wins over the set's, and that over the global one. */
export interface NoiseRules {
  /** `assertions.noise` of the test: `header.Date`, `body.user.id`. */
  readonly test?: ReadonlyMap<string, readonly string[]>
  readonly set?: NoiseBuckets
  readonly global?: NoiseBuckets
}

export interface NoiseOptions {
  /** Keploy's looser semantics: substrings of header names and paths. Default false. */
  readonly loose?: boolean
}

/** Answers which rule, if any, allows a difference. What it returns names the rule, for the report. */
export interface NoiseMatcher {
  readonly empty: boolean
  /** Rules that are no valid expression, and (when loose) where a rule reaches further than it reads. */
  readonly issues: readonly InputIssue[]
  header(name: string, live: string | undefined): string | undefined
  /** `path` without the leading `body`; `live` undefined when the live body has no such field. */
  body(path: readonly (string | number)[], live: unknown): string | undefined
}

export function createNoise(_rules: NoiseRules = {}, _options: NoiseOptions = {}): NoiseMatcher {
  return { empty: true, issues: [], header: () => undefined, body: () => undefined }
}
