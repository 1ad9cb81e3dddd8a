/** How a redactor is made. */
export interface RedactorOptions {
  /** Default: true. When false everything passes through unchanged, secrets included. */
  readonly enabled?: boolean
  /** Names of further headers whose value is secret. Case does not count. Default: none. */
  readonly headers?: readonly string[]
  /** Positions in JSON bodies whose value is secret: `user.ssn`, `items[*].code`. Exact. Default: none. */
  readonly jsonPaths?: readonly string[]
  /**
   * Regular expressions (RE2 syntax) of further secrets, looked for in every text. Where one has a group, the first
   * group is the secret, else the whole match. Default: none.
   */
  readonly patterns?: readonly string[]
  /** Further names of JSON keys, form fields and query parameters whose value is secret. Default: none. */
  readonly keys?: readonly string[]
  /** The number of the first secret; for adding to a set that has some. Default: 1. */
  readonly firstNumber?: number
}
