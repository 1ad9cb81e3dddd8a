import type { TestCase } from '@keploy-framework/format'

import { entityOfWord, isIdKey, isTokenKey, normalizeKey } from '../forms/key-context.ts'
import type { BindingPlan, Occurrence, PlannedKind, PlannedTest, PlannedValue } from './binding-plan.ts'
import { candidateOf, valueKey } from './candidates.ts'
import { Dependencies } from './dependencies.ts'
import { readGraphql } from './graphql.ts'
import { requestLeaves, responseLeaves } from './leaves.ts'
import type { Leaf } from './leaves.ts'
import { routeOf, splitUrl } from './route.ts'
import type { Route } from './route.ts'
import { SECRET, hasSecret, tokenize } from './tokens.ts'

interface Draft {
  readonly recorded: string
  readonly kind: PlannedKind
  readonly form: string
  readonly entity?: string
  readonly producer: { readonly test: string; readonly where: string }
  readonly producerIndex: number
  readonly firstKey: string | undefined
  readonly consumers: string[]
  readonly clientKeys: ReadonlySet<string>
  storedKeys: ReadonlySet<string>
  /** Set once it is known that the service made the value up. */
  planned: boolean
  /** Changing requests that carried the value: what comes after them depends on them. */
  readonly touched: number[]
}

interface Seen {
  readonly test: TestCase
  readonly route: Route
  readonly safe: boolean
  readonly leaves: readonly Leaf[]
}

/** Precise to more than a second, or not a time at all: two such texts are not equal by chance. */
function isCoarseTime(draft: { kind: PlannedKind; recorded: string }): boolean {
  return draft.kind === 'time' && !/[.,]\d{3}/.test(draft.recorded) && draft.recorded.length < 30
}

/** Inside a text, shorter words are not looked at: no form that needs no field's name is shorter. */
const SHORTEST_WORD = 8
const NO_FIELDS: ReadonlySet<string> = new Set()
const singles = new Map<string, ReadonlySet<string>>()

/** A set with one field more. Nearly every value is seen under one field, so sets of one are shared. */
function fieldSet(before: ReadonlySet<string>, field: string | undefined): ReadonlySet<string> {
  const name = normalizeKey(field ?? '')
  if (before.has(name)) return before
  if (before.size > 0) return new Set([...before, name])
  let single = singles.get(name)
  if (single === undefined) {
    if (singles.size > 5000) singles.clear()
    single = new Set([name])
    singles.set(name, single)
  }
  return single
}

class Planner {
  readonly #drafts = new Map<string, Draft>()
  /** What clients sent before any response showed it, and under which fields. */
  readonly #client = new Map<string, ReadonlySet<string>>()
  /** The test whose response showed a secret first; undefined when a client sent it before. */
  readonly #secretProducers = new Map<string, number | undefined>()
  readonly #changedPaths = new Map<string, number[]>()
  readonly #dependencies: Dependencies
  readonly #seen: Seen[] = []
  readonly #tests: readonly TestCase[]

  constructor(tests: readonly TestCase[]) {
    this.#tests = tests
    this.#dependencies = new Dependencies(tests.length)
  }

  plan(): BindingPlan {
    for (const [index, test] of this.#tests.entries()) this.#read(test, index)
    const values = new Map<string, PlannedValue>()
    for (const [key, draft] of this.#drafts) if (draft.planned) values.set(key, draft)
    const tests = new Map<string, PlannedTest>()
    for (const { test, route, safe, leaves } of this.#seen) {
      const occurrences = leaves.filter((leaf) => this.#holdsPlanned(leaf, values))
      const texts = new Set(occurrences.map(({ text }) => text))
      tests.set(test.name, { name: test.name, safe, occurrences, texts, route, at: test.request.timestamp })
    }
    const names = this.#tests.map(({ name }) => name)
    const indexes = new Map(names.map((name, index) => [name, index]))
    const nameOf = (index: number): string => names[index] ?? ''
    return {
      values,
      tests,
      chains: this.#dependencies.groups().map((group) => group.map(nameOf)),
      producersOf: (test) => {
        const index = indexes.get(typeof test === 'string' ? test : test.name)
        return index === undefined ? [] : this.#dependencies.before(index).map(nameOf)
      },
    }
  }

  #read(test: TestCase, index: number): void {
    const method = test.request.method.toUpperCase()
    const { body } = test.request
    const graphql = method === 'POST' && body.type === 'text' ? readGraphql(body.text) : undefined
    const plain = routeOf(test.request.url)
    const route = graphql === undefined ? plain : { ...plain, aliases: graphql.aliases }
    const safe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || graphql?.changes === false
    requestLeaves(test.request, route, (leaf) => this.#request(leaf, index, safe), graphql)
    this.#samePath(test, index, safe)
    const creating = (method === 'POST' && !safe) || (!safe && test.response.status === 201)
    const context = { creating: creating && test.response.status < 300, at: test.request.timestamp }
    const leaves: Leaf[] = []
    responseLeaves(test, route, (leaf) => {
      leaves.push(leaf)
      this.#response(leaf, index, safe, context)
    })
    if (test.response.status === 201) this.#confirmByLocation(leaves)
    this.#seen.push({ test, route, safe, leaves })
  }

  #request(leaf: Leaf, index: number, safe: boolean): void {
    for (const [secret] of leaf.text.matchAll(SECRET)) {
      const producer = this.#secretProducers.get(secret)
      if (producer === undefined) this.#secretProducers.set(secret, undefined)
      else this.#dependencies.add(index, producer)
    }
    const typed = leaf.entity === undefined ? undefined : this.#drafts.get(valueKey(leaf.text, leaf.entity))
    const whole = typed ?? this.#drafts.get(leaf.text)
    if (whole !== undefined) {
      this.#consume(whole, leaf, index, safe, true)
      return
    }
    if (leaf.entity !== undefined) this.#supplied(valueKey(leaf.text, leaf.entity), leaf.key)
    this.#supplied(leaf.text, leaf.key)
    if (leaf.text.length <= SHORTEST_WORD) return
    for (const word of tokenize(leaf.text).words) {
      if (word.length < SHORTEST_WORD || word === leaf.text) continue
      const draft = this.#drafts.get(word)
      if (draft === undefined) this.#supplied(word, leaf.key)
      else this.#consume(draft, leaf, index, safe, draft.planned)
    }
  }

  #supplied(key: string, field: string | undefined): void {
    this.#client.set(key, fieldSet(this.#client.get(key) ?? NO_FIELDS, field))
  }

  /** A request carries a value that an earlier response showed. */
  #consume(draft: Draft, leaf: Leaf, index: number, safe: boolean, whole: boolean): void {
    if (!draft.planned) {
      const inBody = leaf.source === 'json' || leaf.source === 'form'
      const named =
        leaf.entity !== undefined || isIdKey(leaf.key) || isTokenKey(leaf.key) || leaf.key === draft.firstKey
      if (!whole || leaf.source === 'text' || (inBody && !named)) return
      draft.planned = true
    }
    const name = this.#tests[index]?.name ?? ''
    if (draft.consumers.at(-1) !== name) draft.consumers.push(name)
    this.#dependencies.add(index, draft.producerIndex)
    for (const earlier of draft.touched) this.#dependencies.add(index, earlier)
    if (!safe) draft.touched.push(index)
  }

  /** What a PUT or DELETE did to a path decides what a later request to the same path finds. */
  #samePath(test: TestCase, index: number, safe: boolean): void {
    const { path } = splitUrl(test.request.url)
    const earlier = this.#changedPaths.get(path) ?? []
    const own = test.request.method.toUpperCase() !== 'POST'
    if (own) for (const changed of earlier) this.#dependencies.add(index, changed)
    if (!safe && own) this.#changedPaths.set(path, [...earlier, index])
  }

  #response(leaf: Leaf, index: number, safe: boolean, context: { creating: boolean; at: number }): void {
    if (hasSecret(leaf.text)) {
      for (const [secret] of leaf.text.matchAll(SECRET)) {
        if (!this.#secretProducers.has(secret)) this.#secretProducers.set(secret, index)
      }
      return
    }
    if (this.#produce(leaf, index, safe, context) || leaf.source === 'path') return
    if (leaf.text.length <= SHORTEST_WORD) return
    for (const word of tokenize(leaf.text).words) {
      if (word.length < SHORTEST_WORD || word === leaf.text) continue
      // Inside a text only forms that need no field's name are certain.
      this.#produce({ ...leaf, text: word, key: undefined, entity: undefined, source: 'text' }, index, safe, context)
    }
  }

  #produce(leaf: Leaf, index: number, safe: boolean, context: { creating: boolean; at: number }): boolean {
    const candidate = candidateOf(leaf, context)
    if (candidate === undefined) return false
    const { kind, form, entity, certain } = candidate
    const key = valueKey(leaf.text, entity)
    const field = normalizeKey(leaf.key ?? '')
    const known = this.#drafts.get(key)
    if (known !== undefined) {
      if (certain) known.planned = true
      if (!safe) known.storedKeys = fieldSet(known.storedKeys, field)
      return true
    }
    const clientKeys = this.#client.get(key) ?? NO_FIELDS
    if (clientKeys.size > 0 && !(isCoarseTime({ kind, recorded: leaf.text }) && !clientKeys.has(field))) return true
    this.#drafts.set(key, {
      recorded: leaf.text,
      kind,
      form,
      ...(entity === undefined ? {} : { entity }),
      producer: { test: this.#tests[index]?.name ?? '', where: leaf.where },
      producerIndex: index,
      firstKey: leaf.key,
      consumers: [],
      clientKeys,
      storedKeys: safe ? NO_FIELDS : fieldSet(NO_FIELDS, field),
      planned: certain,
      touched: [],
    })
    return true
  }

  /** A 201 whose Location ends in the very id of its body: the id is the service's even if nobody asks for it later. */
  #confirmByLocation(leaves: readonly Leaf[]): void {
    const location = leaves.find(({ source }) => source === 'path')
    if (location?.entity === undefined) return
    const draft = this.#drafts.get(valueKey(location.text, location.entity)) ?? this.#drafts.get(location.text)
    const inBody = leaves.some(({ text, source, key }) => source === 'json' && text === location.text && isIdKey(key))
    if (draft !== undefined && inBody) draft.planned = true
  }

  #holdsPlanned({ text, entity }: Occurrence, values: ReadonlyMap<string, PlannedValue>): boolean {
    if (values.has(text) || hasSecret(text)) return true
    if (entity !== undefined && values.has(valueKey(text, entity))) return true
    if (text.length < 4) return false
    const { words, gaps } = tokenize(text)
    return words.some((word, index) => {
      if (words.length > 1 && values.has(word)) return true
      return gaps[index] === '/' && values.has(valueKey(word, entityOfWord(words[index - 1] ?? '')))
    })
  }
}

/**
 * Finds which recorded values a replay will see change, and which tests depend on which, from the tests alone: values
 * in a generated form (ids, tokens, times), and values that flow from a response into a later request. What a client
 * sent first is the client's. Short values, words and whole numbers are taken only as ids in id positions, each for its
 * own entity. `tests` stand in recorded order.
 *
 * @example
 * const plan = planBindings(set.tests)
 * plan.producersOf('delete-sessions-by-id-1') // ['post-sessions-1']
 */
export function planBindings(tests: readonly TestCase[]): BindingPlan {
  return new Planner(tests).plan()
}
