import { headerValue, type HttpExchange, type TestCase } from '@keploy-framework/format'

import { curlLine } from './curl.ts'
import { exclusionKind, type ExclusionKind } from './exclusions.ts'
import { compileFilters, type RecordRule } from './filters.ts'
import { graphqlOperation } from './graphql.ts'
import { baseName, givenName, operationName, TestNames } from './names.ts'
import { targetPath } from './route.ts'
import { signature } from './signature.ts'
import { suiteOf } from './suites.ts'
import { NAME_HEADER, toTest } from './to-test.ts'

/** Why an exchange did not become a test. */
export type SkipReason =
  /** A health check that nobody asked for. */
  | 'health'
  /** A style sheet, an image, a script. */
  | 'assets'
  /** An `OPTIONS` request of a browser. */
  | 'preflight'
  /** Not under one of the paths that were asked for. */
  | 'path'
  /** Left out by `record.filters` or `record.exclude.paths`. */
  | 'filter'
  /** The same route, status and shape as a test before it. */
  | 'duplicate'
  /** More tests than were asked for. */
  | 'limit'
  /** One side ended the connection first. */
  | 'aborted'
  /** The recording ended before the response did. */
  | 'open'
  /** Its request, or its stream, holds bytes that could not be kept: too many, or maybe secret. */
  | 'incomplete'

export interface CompileOptions {
  /** Path prefixes; only what lies under one of them becomes a test. Default: everything. */
  readonly path?: readonly string[]
  /** Rules of `record.filters`. Default: none. */
  readonly filters?: readonly RecordRule[]
  /** Path prefixes that are left out. Default: none. */
  readonly excludePaths?: readonly string[]
  /** Kinds that are usually left out and are wanted. Default: none; a filter or path that names them wants them too. */
  readonly keep?: readonly ExclusionKind[]
  /** One test for each route, status and shape. Default: false. */
  readonly dedupe?: boolean
  /** Default: no limit. */
  readonly maxTests?: number
  /** Names that tests of the set have already. Default: none. */
  readonly taken?: Iterable<string>
  /** The port of the service. */
  readonly appPort?: number
}

/** A test that is to be written, and the exchange it came from. */
export interface CompiledTest {
  readonly test: TestCase
  readonly curl: string
  /** The id of the exchange. */
  readonly exchange: number
}

export type Compiled = CompiledTest | { readonly skipped: SkipReason }

/**
 * Decides exchange by exchange what becomes a test, and what it is called. Exchanges are given in the order in which
 * their requests began; names, numbers and duplicates follow from that order alone.
 */
export class Compiler {
  readonly #options: CompileOptions
  readonly #filter: ReturnType<typeof compileFilters>
  readonly #names: TestNames
  readonly #seen = new Set<string>()
  readonly #keep: ReadonlySet<ExclusionKind>
  readonly #skipped: Partial<Record<SkipReason, number>> = {}
  #tests = 0

  constructor(options: CompileOptions = {}) {
    this.#options = options
    const excluded = (options.excludePaths ?? []).map((prefix): RecordRule => ({
      path: prefixPattern(prefix),
      policy: 'exclude',
    }))
    this.#filter = compileFilters(options.path ?? [], [...(options.filters ?? []), ...excluded])
    this.#names = new TestNames(options.taken)
    this.#keep = new Set(options.keep)
  }

  get tests(): number {
    return this.#tests
  }

  get skipped(): Readonly<Partial<Record<SkipReason, number>>> {
    return this.#skipped
  }

  add(exchange: HttpExchange, notes: { readonly unsafe?: boolean } = {}): Compiled {
    const reason = this.judge(exchange, notes)
    if (reason) return this.skip(reason)
    const { request, response } = exchange
    if (!response) return this.skip('open')
    const path = targetPath(request.target)
    const given = givenName(headerValue(request.headers, NAME_HEADER) ?? '')
    const operation = graphqlOperation(exchange)
    const base = operation === undefined ? baseName(request.method, path) : operationName(operation)
    const name = given === undefined ? this.#names.numbered(base) : this.#names.exact(given)
    const { appPort } = this.#options
    const suite = suiteOf(path, response.status, operation)
    const labels = { name, suite, ...(appPort !== undefined && { appPort }) }
    const test = toTest(exchange, response, labels)
    this.#tests++
    return { test, curl: curlLine(test.request), exchange: exchange.id }
  }

  /** Counts something that is no exchange the compiler could look at. */
  skip(reason: SkipReason): { skipped: SkipReason } {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1
    return { skipped: reason }
  }

  /** Why an exchange does not become a test; nothing when it does. */
  judge(exchange: HttpExchange, notes: { readonly unsafe?: boolean }): SkipReason | undefined {
    const verdict = this.#filter(exchange)
    if (verdict === 'path' || verdict === 'filter') return verdict
    const kind = exclusionKind(exchange)
    if (kind && verdict !== 'asked' && !this.#keep.has(kind)) return kind
    // A stream that the end of the recording cut is a test as far as it goes.
    const cut = exchange.state === 'open' && exchange.stream !== undefined && exchange.response !== undefined
    if (exchange.state !== 'complete' && !cut) return exchange.state
    if (notes.unsafe || exchange.request.body.omitted) return 'incomplete'
    if (this.#options.maxTests !== undefined && this.#tests >= this.#options.maxTests) return 'limit'
    if (this.#options.dedupe) {
      const own = signature(exchange)
      if (this.#seen.has(own)) return 'duplicate'
      this.#seen.add(own)
    }
    return undefined
  }
}

function prefixPattern(prefix: string): string {
  const plain = prefix.replace(/\/+$/, '').replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return `^${plain.startsWith('/') ? '' : '/'}${plain}(?:/|$)`
}

/** Orders exchanges as their requests began. */
export function byStart(
  a: { readonly startedAt: number; readonly id: number },
  b: { readonly startedAt: number; readonly id: number },
): number {
  return a.startedAt - b.startedAt || a.id - b.id
}

/**
 * Makes tests of exchanges. Pure: the same exchanges and options give the same tests, in whatever order they come.
 *
 * @throws {RecorderError} `KEPLOY_RECORD_FILTER` for a filter that cannot be used
 * @example
 * const { tests, skipped } = compile(exchanges, { path: ['/api'] })
 */
export function compile(
  exchanges: readonly HttpExchange[],
  options: CompileOptions = {},
): { tests: CompiledTest[]; skipped: Readonly<Partial<Record<SkipReason, number>>> } {
  const compiler = new Compiler(options)
  const tests: CompiledTest[] = []
  const ordered = [...exchanges].sort((a, b) =>
    byStart({ startedAt: a.request.startedAt, id: a.id }, { startedAt: b.request.startedAt, id: b.id }),
  )
  for (const exchange of ordered) {
    const compiled = compiler.add(exchange)
    if ('test' in compiled) tests.push(compiled)
  }
  return { tests, skipped: compiler.skipped }
}
