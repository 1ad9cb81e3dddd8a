import type { Address } from '../discover/setting.ts'
import { socketsOf, type HeldSocket } from './process-sockets.ts'

/** A connection of the service that went around relays and proxy. */
export interface Bypass {
  readonly pid: number
  readonly remote: Address
}

export interface WatchBypassOptions {
  /** The process that was started; all below it are looked at too. */
  readonly pid: number
  /** Whether an address is one of ours (relay, proxy), or one that may be called. */
  readonly allowed: (host: string, port: number) => boolean
  /** Told once for each remote address. */
  readonly onBypass: (bypass: Bypass) => void
  /** Milliseconds between two looks. Default: 100. */
  readonly everyMs?: number
}

/** Looks until it is closed. */
export interface BypassWatch extends AsyncDisposable {
  /** Whether this system lets us see connections (Linux). */
  readonly sees: boolean
  /** Looks once more, now. */
  look(): Promise<void>
  close(): Promise<void>
}

const MAX_TOLD = 10_000

/**
 * Watches the sockets of a service for connections that we do not carry. A connection that lives shorter than the time
 * between two looks may be missed. On systems without `/proc` nothing is seen, and `sees` says so.
 *
 * @example
 * const watch = watchBypass({ pid, allowed: (host, port) => relays.has(host, port), onBypass: console.error })
 */
export function watchBypass(options: WatchBypassOptions): BypassWatch {
  return new RunningWatch(options)
}

/** The connections of a list that lead out, neither to ourselves nor to what is allowed. */
export function findBypasses(sockets: readonly HeldSocket[], allowed: WatchBypassOptions['allowed']): Bypass[] {
  const listening = new Set(sockets.filter(({ state }) => state === LISTEN).map(({ local }) => local.port))
  const found = sockets.filter(
    ({ state, local, remote }) =>
      OPEN.has(state) &&
      remote.port !== 0 &&
      // What came in over a port that it listens on; and its own port, called by itself.
      !listening.has(local.port) &&
      !(isLocal(remote.host) && listening.has(remote.port)) &&
      !allowed(remote.host, remote.port),
  )
  return found.map(({ pid, remote }) => ({ pid, remote }))
}

const LISTEN = 10
/** Established, connecting, and those that either side is closing: 1, 2, 4, 5, 8. */
const OPEN: ReadonlySet<number> = new Set([1, 2, 4, 5, 8])

function isLocal(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}

class RunningWatch implements BypassWatch {
  readonly sees = process.platform === 'linux'
  readonly #options: WatchBypassOptions
  readonly #told = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: WatchBypassOptions) {
    this.#options = options
    if (this.sees) this.#later()
  }

  async look(): Promise<void> {
    if (!this.sees) return
    const looked = this.#looking.then(() => this.#look())
    this.#looking = looked
    await looked
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#looking
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      void this.look().then(() => {
        if (!this.#closed) this.#later()
        return undefined
      })
    }, this.#options.everyMs ?? 100)
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    const sockets = await socketsOf(this.#options.pid).catch(() => [])
    for (const bypass of findBypasses(sockets, this.#options.allowed)) {
      const key = `${bypass.remote.host} ${bypass.remote.port}`
      if (this.#told.has(key) || this.#told.size >= MAX_TOLD) continue
      this.#told.add(key)
      this.#options.onBypass(bypass)
    }
  }
}
