import { setTimeout as delay } from 'node:timers/promises'

import type { RunEvent } from '@keploy-framework/format'
import type { Redactor } from '@keploy-framework/redact'

import { defaults } from '../defaults.ts'
import { RunnerError } from '../errors.ts'
import { openRunDependencies, type RunDependencies } from '../mocks/run-dependencies.ts'
import type { Target } from '../send/target.ts'
import { exitText } from '../service/exit-text.ts'
import type { Service } from '../service/service.ts'
import { startService } from '../service/start-service.ts'
import type { RunOptions } from './run-options.ts'

export interface RunScopeOptions {
  readonly options: RunOptions & { readonly redactor: Redactor }
  readonly target: Target
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  readonly now: () => number
  readonly room: (() => Promise<void> | undefined) | undefined
}

/** What one run has and shares between its sets: the service, the clock, the way out for events. */
export class RunScope {
  readonly options: RunScopeOptions['options']
  readonly target: Target
  readonly signal: AbortSignal
  readonly emit: (event: RunEvent) => void
  readonly now: () => number
  readonly room: () => Promise<void> | undefined
  /** Why the service is not there: it could not be started, or it died. */
  broken: string | undefined
  /** Whether that has happened in any set; then the run is not green, whatever its pass rate. */
  hasBroken = false
  /** A service that could not be started once is not tried again. */
  unstartable = false
  /** No further test is to be sent. */
  stopped = false
  /** What the calls of the service came to, over all sets. */
  readonly mocks = { served: 0, missed: 0, unused: 0 }
  /** Calls that no test can be blamed for were missed, or were unused where that counts. */
  mocksFailed = false
  #dependencies: RunDependencies | undefined
  #watch: ReturnType<RunDependencies['watch']> | undefined
  #service: Service | undefined
  #steps = 0

  constructor({ options, target, signal, emit, now, room }: RunScopeOptions) {
    this.options = options
    this.target = target
    this.signal = signal
    this.emit = emit
    this.now = now
    this.room = room ?? (() => undefined)
  }

  /** Whether no further test is to be sent, for a reason that is no failure of theirs. */
  get done(): boolean {
    return this.stopped || this.signal.aborted
  }

  step(title: string): void {
    this.#steps += 1
    // A command line may hold a password.
    const shown = this.options.redactor.text(title, 'step')
    this.emit({ type: 'step', at: this.now(), index: this.#steps, total: 3, title: shown })
  }

  get steps(): number {
    return this.#steps
  }

  notice(level: 'info' | 'warning' | 'error', code: string, message: string): void {
    const shown = this.options.redactor.seen(message, 'notice')
    this.emit({ type: 'notice', at: this.now(), level, code, message: shown })
  }

  /** Starts the service, unless it runs or there is none to start. Failing is told, and leaves `broken` set. */
  async startService(command: string | readonly string[] | undefined): Promise<void> {
    const { service } = this.options
    if (service === undefined || command === undefined || this.#service?.alive === true) return
    await this.stopService()
    if (!this.unstartable) this.broken = undefined
    const { redactor } = this.options
    const { hostname, port } = this.target
    try {
      const opened = this.#dependencies
      const launched = await service.container?.launch(opened?.env ?? {}, opened?.folder)
      this.#service = await startService({
        command: launched?.command ?? command,
        ...(launched !== undefined && { beforeStop: () => launched.stop() }),
        host: hostname,
        port,
        redactor,
        signal: this.signal,
        ...(service.cwd === undefined ? {} : { cwd: service.cwd }),
        env: launched?.env ?? { ...service.env, ...opened?.env },
        readiness: { ...service.readiness, ...(launched && { waitsFor: () => launched.waitsFor() }) },
        ...(service.stopGraceMs === undefined ? {} : { stopGraceMs: service.stopGraceMs }),
      })
      if (this.options.dependencies?.recordMissing !== true)
        this.#watch = this.#dependencies?.watch(this.#service.pid, (remote) => this.#wentAround(remote))
    } catch (error) {
      if (this.signal.aborted) return
      if (!(error instanceof RunnerError)) throw error
      this.broken = `The service could not be started: ${error.message.split('\n', 1)[0] ?? ''}`
      this.hasBroken = true
      this.unstartable = true
      this.notice('error', error.code, redactor.text(error.message, 'service start'))
    }
  }

  /** The relays of the run, opened when the first set needs them; absent where the real dependencies are used. */
  async dependencies(): Promise<RunDependencies | undefined> {
    const { dependencies, service } = this.options
    if (dependencies === undefined) return undefined
    if (this.#dependencies !== undefined) return this.#dependencies
    const opened = await openRunDependencies({
      ...dependencies,
      env: { ...process.env, ...service?.env },
      onProblem: (message) => this.notice('warning', 'KEPLOY_DEPENDENCY', message),
    })
    this.#dependencies = opened
    for (const line of opened.table) this.notice('info', 'KEPLOY_RELAY', line)
    return opened
  }

  /** A replay that reached something real says nothing about the recording. */
  #wentAround(remote: string): void {
    this.mocksFailed = true
    this.notice(
      'error',
      'KEPLOY_BYPASS',
      `The service connected to ${remote} itself, around its relays, so this replay is not green. Name the variable that leads there in dependencies.map of keploy.yml, or the address in dependencies.bypass.`,
    )
  }

  async closeDependencies(): Promise<void> {
    await this.#dependencies?.close()
    this.#dependencies = undefined
  }

  async stopService(): Promise<void> {
    const service = this.#service
    this.#service = undefined
    if (service?.alive === true) await this.#watch?.look()
    await this.#watch?.close()
    this.#watch = undefined
    await service?.stop()
  }

  /**
   * How the service ended, when it has. A connection breaks a moment before the process behind it is seen to end, so
   * that moment is waited for.
   */
  async crash(): Promise<string | undefined> {
    const service = this.#service
    if (service === undefined) return this.broken
    if (service.alive) {
      const moment = new AbortController()
      await Promise.race([
        service.exited,
        delay(defaults.crashNoticeMs, undefined, { signal: moment.signal }).catch(() => undefined),
      ])
      moment.abort()
    }
    return this.crashed()
  }

  /** The same without waiting. The first to notice tells it, with the last output. */
  crashed(): string | undefined {
    const service = this.#service
    if (service === undefined || service.alive || service.stopping) return this.broken
    if (this.broken === undefined) {
      const how = service.exit === undefined ? 'an unknown end' : exitText(service.exit)
      this.broken = `The service ended during the replay (${how}).`
      this.hasBroken = true
      const output = service.output()
      const shown = output === '' ? 'It printed nothing.' : `Its last output:\n${output}`
      this.notice('error', 'KEPLOY_SERVICE_DIED', `${this.broken} ${shown}`)
    }
    return this.broken
  }
}
