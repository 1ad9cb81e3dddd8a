/** A problem in something a person wrote, as data: what is wrong, where, and what to do about it. */
export interface InputIssue {
  readonly code: string
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** The file, when there is one. */
  readonly file?: string
  /** Where in the document, for example `test.delay`. */
  readonly path?: string
  /** Counted from 1. */
  readonly line?: number
  readonly column?: number
  readonly suggestion?: string
}
