import { createInterface, type Interface } from 'node:readline'

import type { CliIo } from '../cli/io.ts'

/** Asks questions on a terminal, line by line; lines typed ahead answer the questions to come. */
export class Prompt {
  readonly #io: Pick<CliIo, 'stdin' | 'stdout'>
  readonly #typed: string[] = []
  #lines: Interface | undefined
  #waiting: ((answer: string | undefined) => void) | undefined
  #ended = false

  constructor(io: Pick<CliIo, 'stdin' | 'stdout'>) {
    this.#io = io
  }

  /** Whether a question is open. */
  get waiting(): boolean {
    return this.#waiting !== undefined
  }

  /** The answer without surrounding white space; `undefined` when the input has ended or the signal came. */
  ask(question: string, signal?: AbortSignal): Promise<string | undefined> {
    this.#open()
    this.#io.stdout.write(question)
    const typed = this.#typed.shift()
    if (typed !== undefined || this.#ended || signal?.aborted) return Promise.resolve(typed)
    return new Promise((resolve) => {
      const cancel = (): void => this.#answer(undefined)
      signal?.addEventListener('abort', cancel)
      this.#waiting = (answer) => {
        signal?.removeEventListener('abort', cancel)
        resolve(answer)
      }
    })
  }

  /** Lets go of the input, so that a child process can have it. The next question takes it back. */
  release(): void {
    const lines = this.#lines
    this.#lines = undefined
    lines?.close()
    this.#io.stdin.pause()
  }

  #open(): void {
    if (this.#lines) return
    const lines = createInterface({ input: this.#io.stdin, terminal: false })
    this.#lines = lines
    lines.on('line', (line) => this.#answer(line.trim()))
    lines.on('close', () => {
      if (this.#lines !== lines) return
      this.#ended = true
      this.#answer(undefined)
    })
  }

  #answer(line: string | undefined): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting(line)
    else if (line !== undefined) this.#typed.push(line)
  }
}
