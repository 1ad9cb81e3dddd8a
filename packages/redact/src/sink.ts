/** Takes what a detector found: where it stands, what the secret is, and how it is written there. */
export interface Sink {
  /**
   * @param value the secret itself, decoded; differs from the range's text where that is encoded
   * @param quote what must stand around the placeholder, for a bare number in JSON
   */
  secret(start: number, end: number, value: string, kind: string, quote?: '"'): void
  /** Replaces a range by text that holds placeholders already. */
  replace(start: number, end: number, text: string): void
}
