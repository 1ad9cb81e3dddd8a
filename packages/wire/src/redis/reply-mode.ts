import type { Word } from './command-parser.ts'

/** Which commands of a connection are answered at all: `CLIENT REPLY ON`, `OFF` and `SKIP`. */
export class ReplyMode {
  #off = false
  #skip = false

  /** Whether this command, which comes next, gets no reply. */
  silences(operation: string, words: readonly Word[]): boolean {
    const how = operation === 'CLIENT REPLY' ? String(words[2] ?? '').toUpperCase() : ''
    if (how === 'ON') {
      this.#off = false
      this.#skip = false
      return false
    }
    if (operation === 'RESET') this.#off = false
    const silent = this.#off || this.#skip
    this.#skip = false
    if (how === 'OFF') this.#off = true
    if (how === 'SKIP' && !this.#off) this.#skip = true
    return silent || how === 'OFF' || how === 'SKIP'
  }
}
