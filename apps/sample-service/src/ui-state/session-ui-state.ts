import { HttpError } from '../http/http-error.ts'
import type { UiStateKey } from './ui-state-store.ts'
import { placeUpdate, stateOfUpdate, type Moment, type UiStateUpdate } from './ui-state-update.ts'
import { mergeUiStates, type UiState } from './ui-state.ts'
import type { UiStates } from './ui-states.ts'

/** What one session may keep. */
export const MAX_FIELDS = 200
export const MAX_BYTES = 256 * 1024

export interface AppliedUpdate {
  /** When it happened, on the clock of this machine. */
  at: number
  /** The fields that a newer update had set before. */
  stale: string[]
}

/** The state of one session, as one connection changes it. */
export class SessionUiState {
  readonly #states: UiStates
  readonly #key: UiStateKey
  readonly #now: () => number
  #newest: Moment | undefined

  constructor(states: UiStates, key: UiStateKey, now: () => number = Date.now) {
    this.#states = states
    this.#key = key
    this.#now = now
  }

  read(): Promise<UiState> {
    return this.#states.read(this.#key)
  }

  /**
   * Applies an update.
   *
   * @throws HttpError 413 when the state would be too large
   */
  async apply(update: UiStateUpdate): Promise<AppliedUpdate> {
    const { at, newest } = placeUpdate(update, this.#newest, this.#now())
    const change = stateOfUpdate(update, at)
    requireSize(mergeUiStates(await this.read(), change))
    this.#newest = newest
    const merged = await this.#states.merge(this.#key, change)
    return { at, stale: Object.keys(update.state).filter((name) => merged.fields[name]?.at !== at) }
  }
}

function requireSize({ fields }: UiState): void {
  const names = Object.keys(fields)
  if (names.length > MAX_FIELDS) throw new HttpError(413, `The state has more than ${MAX_FIELDS} fields`)
  const bytes = Buffer.byteLength(JSON.stringify(fields))
  if (bytes > MAX_BYTES) throw new HttpError(413, `The state has ${bytes} bytes, and may have ${MAX_BYTES}`)
}
