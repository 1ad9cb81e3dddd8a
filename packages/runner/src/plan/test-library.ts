import type { TestCase } from '@keploy-framework/format'
import { BindingPlanner, type BindingPlan } from '@keploy-framework/match'

import { defaults } from '../defaults.ts'
import { recordedAuthority } from '../send/target.ts'
import type { ReadTest, TestOutline, TestSetSource } from './set-source.ts'

/** What the whole of a set tells about its tests. */
export interface SetKnowledge {
  readonly bindings: BindingPlan
  /** Hosts that the set was recorded at; each stands for the live one. */
  readonly recordedHosts: readonly string[]
  /** Positions by the names that tests give themselves. */
  readonly positions: ReadonlyMap<string, number>
}

export interface TestLibraryOptions {
  /** Bytes of tests that are kept between planning and sending. Default: 32 MiB. */
  readonly cacheLimit?: number
}

/**
 * The tests of one set. One pass over all of them finds what they share; what fits into the cache on the way is not
 * read twice.
 */
export class TestLibrary implements TestSetSource {
  readonly name: string
  readonly directory: string
  readonly secrets: TestSetSource['secrets']
  readonly secretValues: TestSetSource['secretValues']
  readonly scripts: TestSetSource['scripts']
  readonly templates: TestSetSource['templates']
  readonly #source: TestSetSource
  readonly #cache = new Map<number, ReadTest>()
  readonly #limit: number
  #cached = 0
  #tests: readonly TestOutline[]
  #knowledge: Promise<SetKnowledge> | undefined

  constructor(source: TestSetSource, options: TestLibraryOptions = {}) {
    this.name = source.name
    this.directory = source.directory
    this.secrets = source.secrets
    this.secretValues = source.secretValues
    this.scripts = source.scripts
    this.templates = source.templates
    this.#source = source
    this.#tests = source.tests
    this.#limit = options.cacheLimit ?? defaults.testCacheLimit
  }

  /** The library of a source; a source that is one already stays what it is. */
  static of(source: TestSetSource): TestLibrary {
    return source instanceof TestLibrary ? source : new TestLibrary(source)
  }

  /** In replay order. Names and flags are those of the index until `know` has read the tests themselves. */
  get tests(): readonly TestOutline[] {
    return this.#tests
  }

  /** The test, if it is at hand. */
  cached(index: number): ReadTest | undefined {
    return this.#cache.get(index)
  }

  async read(index: number): Promise<ReadTest> {
    const cached = this.#cache.get(index)
    if (cached !== undefined) return cached
    const read = await this.#source.read(index)
    const size = read.test === undefined ? 256 : sizeOf(read.test)
    if (this.#cached + size <= this.#limit) {
      this.#cached += size
      this.#cache.set(index, read)
    }
    return read
  }

  /** Reads the whole set, once. */
  know(): Promise<SetKnowledge> {
    this.#knowledge ??= this.#learn()
    return this.#knowledge
  }

  /** Forgets what was read: a run of many sets holds one of them at a time. */
  release(): void {
    this.#cache.clear()
    this.#cached = 0
    this.#knowledge = undefined
  }

  async #learn(): Promise<SetKnowledge> {
    const planner = new BindingPlanner()
    /** Positions of the planned tests in the set. */
    const planned: number[] = []
    const outlines: TestOutline[] = []
    const hosts = new Set<string>()
    const positions = new Map<string, number>()
    const { tests: listed } = this.#source
    let ahead: Promise<ReadTest>[] = []
    for (const [index, outline] of listed.entries()) {
      if (index % defaults.readAhead === 0) {
        const count = Math.min(defaults.readAhead, listed.length - index)
        ahead = Array.from({ length: count }, (_, offset) => this.read(index + offset))
        await Promise.all(ahead)
      }
      const { test } = await (ahead[index % defaults.readAhead] as Promise<ReadTest>)
      if (test === undefined || positions.has(test.name)) {
        outlines.push(outline)
        continue
      }
      const own = outlineOf(test)
      // The text of a name may keep the file alive from which it was cut; the one of the index does not.
      const name = own.name === outline.name ? outline.name : own.name
      positions.set(name, index)
      planned.push(index)
      planner.add(test)
      outlines.push({ ...own, name, file: outline.file })
      const host = recordedAuthority(test)
      if (host !== undefined) hosts.add(host)
    }
    this.#tests = outlines
    for (const position of planner.unresolved()) {
      const { test } = await this.read(planned[position] as number)
      if (test !== undefined) planner.resolve(position, test)
    }
    return { bindings: planner.plan(), recordedHosts: [...hosts], positions }
  }
}

/** What a test says of itself. */
export function outlineOf({ name, file, annotations }: TestCase): TestOutline {
  return { name, file, tags: annotations.tags, skip: annotations.skip, only: annotations.only }
}

/** Roughly what a test takes in memory. */
function sizeOf({ request, response, stream }: TestCase): number {
  return 2_048 + bodySize(request.body) + bodySize(response.body) + (stream?.items.length ?? 0) * 512
}

function bodySize(body: TestCase['request']['body']): number {
  if (body.type === 'text') return body.text.length
  if (body.type === 'binary') return body.bytes.length
  return body.type === 'stream' ? body.items.length * 512 : 0
}
