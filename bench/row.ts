/** One line of the benchmark table: our figure beside a peer's, from the same run. */
export interface Row {
  /** What part of the product is measured, for example `tap`. */
  readonly area: string
  /** What was measured, on which work. */
  readonly what: string
  /** With its unit, for example `31,200 req/s`. */
  readonly ours: string
  /** The peer, with its figure. */
  readonly peer: string
  /** Ours over the peer's, the larger the better unless the bar says otherwise; absent where no ratio is meant. */
  readonly ratio?: number
  /** The bar in words, for example `>= 0.5`. Absent where the row is for comparison only. */
  readonly bar?: string
  readonly met?: boolean
}
