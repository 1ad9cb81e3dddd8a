import { nameOf, type UiStateKey, type UiStateStore } from './ui-state-store.ts'
import { changedAt, emptyUiState, mergeUiStates, UI_STATE_TTL_MS, type UiState } from './ui-state.ts'

export interface MemoryUiStateStoreOptions {
  /** How many states are kept; those that were changed longest ago go first. Default 10,000. */
  capacity?: number
  ttlMs?: number
  now?: () => number
}

/** States within this process. */
export class MemoryUiStateStore implements UiStateStore {
  readonly kind = 'in-memory UI state'
  /** In the order of their last changes. */
  readonly #states = new Map<string, { key: UiStateKey; state: UiState }>()
  readonly #capacity: number
  readonly #ttlMs: number
  readonly #now: () => number

  constructor({ capacity = 10_000, ttlMs = UI_STATE_TTL_MS, now = Date.now }: MemoryUiStateStoreOptions = {}) {
    this.#capacity = capacity
    this.#ttlMs = ttlMs
    this.#now = now
  }

  async merge(key: UiStateKey, state: UiState): Promise<UiState> {
    return this.mergeNow(key, state)
  }

  async read(key: UiStateKey): Promise<UiState> {
    return this.readNow(key)
  }

  /** Like `merge`, at once. */
  mergeNow(key: UiStateKey, state: UiState): UiState {
    const name = nameOf(key)
    const merged = mergeUiStates(this.readNow(key), state)
    this.#states.delete(name)
    if (this.#isOver(merged)) return emptyUiState
    this.#states.set(name, { key, state: merged })
    this.#forgetOld()
    return merged
  }

  /** Like `read`, at once. */
  readNow(key: UiStateKey): UiState {
    const known = this.#states.get(nameOf(key))?.state
    return known && !this.#isOver(known) ? known : emptyUiState
  }

  /** All that is kept. */
  *keys(): Iterable<UiStateKey> {
    for (const { key, state } of this.#states.values()) if (!this.#isOver(state)) yield key
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#states.clear()
  }

  #isOver(state: UiState): boolean {
    return changedAt(state) + this.#ttlMs <= this.#now()
  }

  #forgetOld(): void {
    for (const [name, { state }] of this.#states) {
      if (this.#states.size <= this.#capacity && !this.#isOver(state)) return
      this.#states.delete(name)
    }
  }
}
