import { createInterface, type Interface } from 'node:readline'

import type { CliIo } from '../cli/io.ts'

/** Asks questions on a terminal, line by line; lines typed ahead answer the questions to come. */
export class Prompt implements Disposable {
  readonly #io: Pick<CliIo, 'stdin' | 'stdout'>
  readonly #typed: string[] = []
  #lines: Interface | undefined
  #waiting: ((answer: string | undefined) => void) | undefined
  #ended = false

  constructor(io: Pick<CliIo, 'stdin' | 'stdout'>) {
    this.#io = io
  }

  /** The answer without surrounding white space; `undefined` when the input has ended. */
  ask(question: string): Promise<string | undefined> {
    this.#open()
    this.#io.stdout.write(question)
    const typed = this.#typed.shift()
    if (typed !== undefined || this.#ended) return Promise.resolve(typed)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Lets go of the input, so that a child process can have it. The next question takes it back. */
  release(): void {
    const lines = this.#lines
    this.#lines = undefined
    lines?.close()
    this.#io.stdin.pause()
  }

  [Symbol.dispose](): void {
    this.release()
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
