import { LlmError } from '../llm-error.ts'

/** Something that a test should fail for. */
export interface LlmProblem {
  readonly code: string
  readonly message: string
}

/** What went wrong in a scope, reported once. */
export class ProblemLog {
  readonly problems: LlmProblem[] = []
  #reported = 0
  #unusedReported = false

  add(code: string, message: string): void {
    this.problems.push({ code, message })
  }

  /**
   * Throws what was not reported yet.
   *
   * @throws {LlmError} with the code of the first problem, or `KEPLOY_LLM_UNUSED` when only scripts were left over
   */
  assert(owner: string, unused: readonly string[]): void {
    const fresh = this.problems.slice(this.#reported)
    const left = this.#unusedReported ? [] : unused
    this.#reported = this.problems.length
    if (left.length > 0) this.#unusedReported = true
    if (fresh.length === 0 && left.length === 0) return
    const lines = [
      ...fresh.map(({ message }) => message),
      ...(left.length === 0
        ? []
        : [`Scripts that nothing asked for:\n${left.map((line) => `  - ${line}`).join('\n')}`]),
    ]
    throw new LlmError(fresh[0]?.code ?? 'KEPLOY_LLM_UNUSED', `${owner}: ${lines.join('\n\n')}`)
  }
}
