/**
 * Knows how far a partition is done when messages are finished out of order: everything before `position()` is.
 * An offset may be started twice, when a partition is assigned again while its messages are being worked on.
 */
export class OffsetTracker {
  readonly #open = new Map<bigint, number>()
  #end = 0n

  started(offset: bigint): void {
    this.#open.set(offset, (this.#open.get(offset) ?? 0) + 1)
    if (offset >= this.#end) this.#end = offset + 1n
  }

  finished(offset: bigint): void {
    const times = this.#open.get(offset) ?? 0
    if (times > 1) this.#open.set(offset, times - 1)
    else this.#open.delete(offset)
  }

  /** The offset to commit: the smallest that is not finished. */
  position(): bigint {
    let position = this.#end
    for (const offset of this.#open.keys()) if (offset < position) position = offset
    return position
  }
}
