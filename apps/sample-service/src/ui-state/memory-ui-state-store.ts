import { nameOf, type UiStateKey, type UiStateStore } from './ui-state-store.ts'
import { changedAt, emptyUiState, mergeUiStates, UI_STATE_TTL_MS, type UiState } from './ui-state.ts'

export interface MemoryUiStateStoreOptions {
  /** How many states are kept; those that were changed longest ago go first. Default 10,000. */
  capacity?: number
  /** How large they are together, as JSON; beyond it as many go as have to. Default 64 MiB. */
  capacityBytes?: number
  ttlMs?: number
  now?: () => number
}

interface Kept {
  key: UiStateKey
  state: UiState
  bytes: number
}

/** States within this process. */
export class MemoryUiStateStore implements UiStateStore {
  readonly kind = 'in-memory UI state'
  /** In the order of their last changes. */
  readonly #states = new Map<string, Kept>()
  #bytes = 0
  readonly #capacity: number
  readonly #capacityBytes: number
  readonly #ttlMs: number
  readonly #now: () => number

  constructor(options: MemoryUiStateStoreOptions = {}) {
    this.#capacity = options.capacity ?? 10_000
    this.#capacityBytes = options.capacityBytes ?? 64 * 1024 * 1024
    this.#ttlMs = options.ttlMs ?? UI_STATE_TTL_MS
    this.#now = options.now ?? Date.now
  }

  async merge(key: UiStateKey, state: UiState): Promise<UiState> {
    return this.mergeNow(key, state)
  }

  async read(key: UiStateKey): Promise<UiState> {
    return this.readNow(key)
  }

  async ping(): Promise<void> {}

  /** Like `merge`, at once. */
  mergeNow(key: UiStateKey, state: UiState): UiState {
    const name = nameOf(key)
    const merged = mergeUiStates(this.readNow(key), state)
    this.#forget(name)
    if (this.#isOver(merged)) return emptyUiState
    const bytes = Buffer.byteLength(JSON.stringify(merged))
    this.#states.set(name, { key, state: merged, bytes })
    this.#bytes += bytes
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
    this.#bytes = 0
  }

  #isOver(state: UiState): boolean {
    return changedAt(state) + this.#ttlMs <= this.#now()
  }

  #forgetOld(): void {
    for (const [name, { state }] of this.#states) {
      const fits = this.#states.size <= this.#capacity && this.#bytes <= this.#capacityBytes
      if (fits && !this.#isOver(state)) return
      this.#forget(name)
    }
  }

  #forget(name: string): void {
    this.#bytes -= this.#states.get(name)?.bytes ?? 0
    this.#states.delete(name)
  }
}
