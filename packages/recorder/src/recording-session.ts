import { join } from 'node:path'

import { assertSetName, type Call, type HttpExchange } from '@keploy-framework/format'
import { startTap, type ConnectionHandler, type Tap, type TapTarget } from '@keploy-framework/intercept'
import { createRedactor, type Redactor, type RedactorOptions } from '@keploy-framework/redact'
import type { CodecEvent } from '@keploy-framework/wire'

import { CallRecorder } from './calls/call-recorder.ts'
import { CauseFinder } from './calls/cause-finder.ts'
import { redactCall } from './calls/redact-call.ts'
import { compileJournal } from './compile-journal.ts'
import { Compiler, type CompileOptions, type SkipReason } from './compile/compile.ts'
import { targetPath } from './compile/route.ts'
import { DEFAULT_BODY_LIMIT, DEFAULT_DIRECTORY, DEFAULT_GRACE_MS } from './defaults.ts'
import { EventWriter } from './event-writer.ts'
import { journalDirectory, journalName, processStart } from './journal/journal-files.ts'
import { openJournal, type Journal } from './journal/open-journal.ts'
import { RecorderError } from './recorder-error.ts'
import { removeJournal } from './recover.ts'
import type { RecordingSummary } from './summary.ts'
import { highestSecret, refuseExisting, type ExistingSet } from './write-set.ts'

/** One exchange that went by, for progress. Everything in it is redacted. */
export interface ExchangeNotice {
  readonly id: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** 0 when there was no response. */
  readonly status: number
  readonly durationMs: number
  /** Why it will not become a test; absent when it will. */
  readonly skipped?: SkipReason
}

/** Why a session took nothing more in. */
export type EndReason = 'max-tests' | 'duration' | 'journal' | 'finished' | 'aborted'

export interface RecordingOptions extends Omit<CompileOptions, 'taken' | 'appPort'> {
  /** Where the service is: `http://127.0.0.1:8000`, `https://…`, or `unix:/path/of/socket`. */
  readonly target: string
  /** The port written into tests as `app_port`: where the service listens when it is not moved. Default: that of `target`. */
  readonly appPort?: number
  /** Where clients connect. Default: any free port on 127.0.0.1. */
  readonly listen?: { readonly host?: string; readonly port?: number }
  /** The folder of sets. Default: `keploy`. */
  readonly directory?: string
  /** Default: the next free `test-set-N`. */
  readonly testSet?: string
  /** What happens when `testSet` exists: `refuse` (default), `append`, or `replace`, which happens only on `finish`. */
  readonly existing?: ExistingSet
  /** Take nothing more in after so long; traffic flows on. Default: no limit. */
  readonly durationMs?: number
  /** Default: on. `{ enabled: false }` writes every secret as plain text. */
  readonly redact?: RedactorOptions
  /** Write the real values of secrets to `secret.yaml` of the set (0600, git-ignored). Default: false. */
  readonly saveSecrets?: boolean
  /** See `JournalOptions`. Default: `interval`. */
  readonly fsync?: 'never' | 'interval' | 'always'
  /** Bytes of one body that are kept. Default: 1 MiB. */
  readonly bodyLimit?: number
  /** Let one request in at a time; each call of the service then has one cause. Default: false. */
  readonly serial?: boolean
  /** How long `finish` waits for exchanges in flight, in milliseconds. Default: 2000. */
  readonly graceMs?: number
  /** Ends TLS at the tap with this certificate and key (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Called for every exchange that closed. */
  readonly onExchange?: (notice: ExchangeNotice) => void
  /** Called for traffic that could not be read, or did not reach the service, with the reason. It flowed on where it could. */
  readonly onGap?: (reason: string) => void
  /** Told what a person should know of what is recorded all the same, such as a dependency that is not what its setting says. */
  readonly onNotice?: (notice: string) => void
  /** Called when something goes wrong that does not end the session, such as a full disk. */
  readonly onError?: (error: RecorderError) => void
}

/** What a session has seen so far. */
export interface RecordingStats {
  /** Exchanges that closed. */
  readonly exchanges: number
  /** Those that will become tests. */
  readonly tests: number
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>
  /** Exchanges under way. */
  readonly open: number
  readonly gaps: number
  readonly secrets: number
  readonly connections: number
  /** Calls to dependencies, and how sure it is which request caused them. */
  readonly calls: ReturnType<CallRecorder['stats']>
  /** Bytes of the journal. */
  readonly bytes: number
  /** Records that could not be journalled. */
  readonly lost: number
}

function parseTarget(target: string): { target: TapTarget; port: number | undefined } {
  if (target.startsWith('unix:')) return { target: { path: target.slice(5) }, port: undefined }
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    throw new RecorderError(
      'KEPLOY_RECORD_TARGET',
      `${JSON.stringify(target)} is not the address of a service. Write it like http://127.0.0.1:8000.`,
    )
  }
  const tls = url.protocol === 'https:'
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port)
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname
  return { target: { host, port, ...(tls && { tls }) }, port }
}

/**
 * A recording: a tap in front of a service, whose traffic becomes a test set when it finishes.
 *
 * @example
 * await using session = await RecordingSession.start({ target: 'http://127.0.0.1:8000', path: ['/api'] })
 * await fetch(`${session.url}/api/v1/sessions`)
 */
export class RecordingSession implements AsyncDisposable {
  /** Where clients connect, for example `http://127.0.0.1:40123`. */
  readonly url: string
  /** The journal, for as long as the session lasts. */
  readonly journalFile: string
  /** Resolves when nothing more is taken in, with the reason. The set is written by `finish`. */
  readonly ended: Promise<EndReason>
  readonly #options: RecordingOptions
  readonly #tap: Tap
  readonly #recording: Recording
  #timer: NodeJS.Timeout | undefined
  #finished: Promise<RecordingSummary> | undefined
  #aborted = false

  private constructor(options: RecordingOptions, tap: Tap, recording: Recording) {
    this.#options = options
    this.#tap = tap
    this.#recording = recording
    this.journalFile = recording.journal.file
    this.ended = recording.ended
    const { address } = tap
    const scheme = options.tls ? 'https' : 'http'
    this.url =
      'path' in address
        ? `unix:${address.path}`
        : `${scheme}://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
    if (options.durationMs) {
      this.#timer = setTimeout(() => recording.stop('duration'), options.durationMs)
      this.#timer.unref()
    }
  }

  /**
   * Starts a recording.
   *
   * @throws {RecorderError} `KEPLOY_RECORD_TARGET`, `KEPLOY_RECORD_EXISTS`, `KEPLOY_RECORD_FILTER`, `KEPLOY_JOURNAL_OPEN`
   * @throws {FormatError} `KEPLOY_FORMAT_SET_NAME`
   * @throws {InterceptError} when the port cannot be listened on
   */
  static async start(options: RecordingOptions): Promise<RecordingSession> {
    const directory = options.directory ?? DEFAULT_DIRECTORY
    const { target } = parseTarget(options.target)
    const { testSet } = options
    const existing = options.existing ?? 'refuse'
    // Told before anything is recorded, and not when the set is to be written.
    if (testSet !== undefined) assertSetName(testSet)
    if (testSet !== undefined && existing === 'refuse') await refuseExisting(directory, testSet)
    const append = testSet !== undefined && existing === 'append'
    const firstNumber = append ? (await highestSecret(join(directory, testSet))) + 1 : 1
    const redactor = createRedactor({ ...options.redact, firstNumber })
    const recording = new Recording(options, directory, redactor)
    try {
      const tap = await startTap({
        listen: options.listen ?? {},
        target,
        onEvent: (event) => recording.take(event),
        beforeRelease: () => recording.flush(),
        bodyLimit: options.bodyLimit ?? DEFAULT_BODY_LIMIT,
        ...(options.serial !== undefined && { serial: options.serial }),
        ...(options.tls && { tls: options.tls }),
      })
      recording.connectionAt = (port) => tap.connectionAt(port)
      return new RecordingSession(options, tap, recording)
    } catch (error) {
      recording.close()
      await removeJournal(recording.journal.file)
      throw error
    }
  }

  /** The redactor of the session; whoever shows something beside it (output of the service) uses this one. */
  get redactor(): Redactor {
    return this.#recording.redactor
  }

  /** What relays, the proxy and the Node hook bring the service's connections to its dependencies to. */
  get dependencies(): ConnectionHandler {
    return this.#recording.calls.handler
  }

  get stats(): RecordingStats {
    return { ...this.#recording.stats(), connections: this.#tap.stats().connections }
  }

  /**
   * Stops the tap and writes the set. Calling it again gives the same summary.
   *
   * @throws {RecorderError} `KEPLOY_RECORD_WRITE` when the set cannot be written; the journal stays then
   */
  finish(): Promise<RecordingSummary> {
    this.#finished ??= this.#finish()
    return this.#finished
  }

  /** Stops without writing a set. The journal stays, and can be recovered. */
  async abort(): Promise<void> {
    if (this.#finished || this.#aborted) return
    this.#aborted = true
    await this.#stop('aborted')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#aborted) await this.finish()
  }

  async #stop(reason: EndReason): Promise<void> {
    clearTimeout(this.#timer)
    await this.#tap.close({ graceMs: reason === 'aborted' ? 0 : (this.#options.graceMs ?? DEFAULT_GRACE_MS) })
    this.#recording.stop(reason)
    this.#recording.close()
  }

  async #finish(): Promise<RecordingSummary> {
    if (this.#aborted) {
      throw new RecorderError(
        'KEPLOY_RECORD_ABORTED',
        `The recording was aborted. Its journal ${this.journalFile} can be recovered.`,
      )
    }
    await this.#stop('finished')
    const port = this.#options.appPort ?? parseTarget(this.#options.target).port
    const { journal, redactor, directory } = this.#recording
    const summary = await compileJournal(journal.file, {
      ...this.#options,
      ...(port !== undefined && { appPort: port }),
      directory,
      existing: this.#options.existing ?? 'refuse',
      redactor,
    })
    const lost = journal.stats().lost
    const warnings = [...summary.warnings]
    if (journal.failure) warnings.push(journal.failure.message)
    if (lost > 0) warnings.push(`${lost} records could not be journalled; what they told is in no test.`)
    await removeJournal(journal.file)
    return { ...summary, warnings }
  }
}

/** What stands between the tap and the journal. */
class Recording {
  readonly directory: string
  readonly redactor: Redactor
  readonly journal: Journal
  readonly calls: CallRecorder
  /** The connection of the tap that reaches the service from a port. */
  connectionAt: (port: number) => number | undefined = () => undefined
  readonly #causes = new CauseFinder()
  readonly ended: Promise<EndReason>
  readonly #writer: EventWriter
  readonly #live: Compiler
  readonly #maxTests: number
  readonly #onExchange: ((notice: ExchangeNotice) => void) | undefined
  readonly #onGap: ((reason: string) => void) | undefined
  #end: (reason: EndReason) => void = () => {}
  #stopped = false
  #tests = 0

  constructor(options: RecordingOptions, directory: string, redactor: Redactor) {
    this.directory = directory
    this.redactor = redactor
    this.#maxTests = options.maxTests ?? Infinity
    this.#onExchange = options.onExchange
    this.#onGap = options.onGap
    // Made first, because a bad filter is told before anything is on disk.
    this.#live = new Compiler(options)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.calls = new CallRecorder({
      causeOf: (hint, at) => this.#causes.find(hint, at, (port) => this.connectionAt(port)),
      onCall: (call) => this.#takeCall(call),
      onNotice: (notice) => options.onNotice?.(redactor.text(notice, 'gap')),
      onGap: (_dependency, reason, at) => this.take({ type: 'gap', connection: 0, from: 'server', reason, at }),
    })
    this.journal = openJournal(join(journalDirectory(directory), journalName(new Date())), {
      ...(options.fsync && { fsync: options.fsync }),
      onError: (error) => {
        options.onError?.(error)
        this.#end('journal')
      },
    })
    const start = processStart('self')
    this.journal.append({
      type: 'meta',
      meta: {
        pid: process.pid,
        ...(start !== undefined && { processStart: start }),
        startedAt: Date.now(),
        target: redactor.target(options.target, 'target'),
        ...(options.testSet !== undefined && { testSet: options.testSet }),
        redacted: redactor.enabled,
      },
    })
    this.journal.flush()
    this.#writer = new EventWriter(this.journal, redactor, {
      onClose: (exchange, unsafe) => this.#closed(exchange, unsafe),
    })
  }

  take(event: CodecEvent): void {
    if (event.type === 'open') this.#causes.opened(event.id, event.connection, event.request.startedAt)
    else if (event.type === 'close') this.#causes.closed(event.id, performance.timeOrigin + performance.now())
    if (this.#stopped) return
    this.#writer.write(event)
    if (event.type === 'gap') this.#onGap?.(this.redactor.text(event.reason, 'gap'))
  }

  flush(): void {
    if (!this.#stopped) this.#writer.flush()
  }

  /** Takes nothing more in. */
  stop(reason: EndReason): void {
    if (this.#stopped) return
    this.calls.stop()
    this.#stopped = true
    this.#writer.stop()
    this.#end(reason)
  }

  close(): void {
    this.#stopped = true
    this.#writer.stop()
    this.journal.append({ type: 'end', at: Date.now() })
    this.journal.close()
  }

  #takeCall(call: Call): void {
    if (this.#stopped) return
    const { value, unsafe } = redactCall(this.redactor, call)
    this.#writer.writeCall(unsafe ? { ...value, state: 'open' } : value)
  }

  stats(): Omit<RecordingStats, 'connections'> {
    const { bytes, lost } = this.journal.stats()
    return {
      ...this.#writer.stats(),
      tests: this.#tests,
      skipped: { ...this.#live.skipped },
      secrets: this.redactor.secretCount,
      calls: this.calls.stats(),
      bytes,
      lost,
    }
  }

  #closed(exchange: HttpExchange, unsafe: boolean): void {
    const skipped = this.#live.judge(exchange, { unsafe })
    if (skipped) this.#live.skip(skipped)
    else this.#tests++
    const { request, response } = exchange
    this.#onExchange?.({
      id: exchange.id,
      method: request.method,
      path: targetPath(request.target),
      status: response?.status ?? 0,
      durationMs: Math.max(0, (response?.endedAt ?? request.endedAt) - request.startedAt),
      ...(skipped && { skipped }),
    })
    if (this.#tests >= this.#maxTests) this.stop('max-tests')
  }
}
