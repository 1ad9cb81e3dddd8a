import { pause } from '../bus/retry.ts'
import { MemoryUiStateStore } from './memory-ui-state-store.ts'
import { nameOf, type UiStateKey, type UiStateStore } from './ui-state-store.ts'
import { mergeUiStates, type UiState } from './ui-state.ts'

export interface UiStatesOptions {
  /** Where states outlive this process. Without it they do not. */
  shared?: UiStateStore | undefined
  /** What this process knows itself. Default: a new one. */
  memory?: MemoryUiStateStore
  /** How long after a failure it is tried again, in milliseconds. Default 500. */
  retryMs?: number
  /** Told once when the shared store goes away. */
  onProblem?: (problem: string, error: unknown) => void
}

/**
 * States of user interfaces, also while the shared store is away: what changes then is kept in this process, and is
 * merged when the store is back, where the newer value of each field counts. A store that comes back empty gets all that
 * this process knows. Nobody waits for a store that is known to be away: it is asked in the background.
 */
export class UiStates implements AsyncDisposable {
  readonly #shared: UiStateStore | undefined
  readonly #memory: MemoryUiStateStore
  readonly #retryMs: number
  readonly #onProblem: (problem: string, error: unknown) => void
  /** What the shared store may not have: an object for each time that something was missed. */
  readonly #behind = new Map<string, { key: UiStateKey }>()
  readonly #closing = new AbortController()
  /** Since something failed, until the store has answered and has everything. */
  #away = false
  #reconciling: Promise<void> | undefined

  constructor(options: UiStatesOptions = {}) {
    this.#shared = options.shared
    this.#memory = options.memory ?? new MemoryUiStateStore()
    this.#retryMs = options.retryMs ?? 500
    this.#onProblem = options.onProblem ?? (() => {})
  }

  /** Where states are kept, for people. */
  get kind(): UiStateStore['kind'] {
    return (this.#shared ?? this.#memory).kind
  }

  /** How many states the shared store may not have in their newest form. */
  get behind(): number {
    return this.#behind.size
  }

  /** Merges a change, and resolves with the state that it leads to. Never fails: what cannot be shared now is shared later. */
  async merge(key: UiStateKey, change: UiState): Promise<UiState> {
    const known = this.#memory.mergeNow(key, change)
    return this.#share(key, known)
  }

  /** The state of a session; empty when nothing is known. */
  async read(key: UiStateKey): Promise<UiState> {
    const known = this.#memory.readNow(key)
    if (!this.#shared || this.#away) return known
    try {
      return mergeUiStates(await this.#shared.read(key), known)
    } catch (error) {
      this.#missed(error)
      return known
    }
  }

  /** The shared store has been connected to, and may have forgotten everything. */
  reconnected(): void {
    for (const key of this.#memory.keys()) this.#behind.set(nameOf(key), { key })
    this.#reconcile()
  }

  /** Shares what waits, if the store answers, and closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#reconciling
    await this.#shareAll().catch((error: unknown) => {
      this.#onProblem(`${this.#behind.size} states of user interfaces could not be kept`, error)
    })
    await this.#shared?.[Symbol.asyncDispose]()
  }

  async #share(key: UiStateKey, known: UiState): Promise<UiState> {
    if (!this.#shared) return known
    if (!this.#away) {
      try {
        return this.#memory.mergeNow(key, await this.#shared.merge(key, known))
      } catch (error) {
        this.#missed(error)
      }
    }
    this.#behind.set(nameOf(key), { key })
    return this.#memory.readNow(key)
  }

  #missed(error: unknown): void {
    if (!this.#away) this.#onProblem('states of user interfaces are kept in this process for now', error)
    this.#away = true
    this.#reconcile()
  }

  #reconcile(): void {
    if (this.#closing.signal.aborted) return
    this.#reconciling ??= this.#untilShared().finally(() => {
      this.#reconciling = undefined
      // What fell behind in the meantime.
      if (this.#away || this.#behind.size > 0) this.#reconcile()
    })
  }

  async #untilShared(): Promise<void> {
    while ((this.#away || this.#behind.size > 0) && !this.#closing.signal.aborted) {
      try {
        await this.#shared?.ping()
        await this.#shareAll()
        this.#away = false
      } catch {
        await pause(this.#retryMs, this.#closing.signal)
      }
    }
  }

  async #shareAll(): Promise<void> {
    if (!this.#shared) return
    for (const [name, missed] of this.#behind) {
      const { key } = missed
      this.#memory.mergeNow(key, await this.#shared.merge(key, this.#memory.readNow(key)))
      // Unless it has fallen behind again meanwhile.
      if (this.#behind.get(name) === missed) this.#behind.delete(name)
    }
  }
}
