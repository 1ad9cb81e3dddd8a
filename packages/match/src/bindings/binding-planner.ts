import type { TestCase } from '@keploy-framework/format'

import { isIdKey, isTokenKey, normalizeKey } from '../forms/key-context.ts'
import type { BindingPlan, Occurrence, PlannedKind, PlannedTest, PlannedValue } from './binding-plan.ts'
import { candidateOf, valueKey } from './candidates.ts'
import { Dependencies } from './dependencies.ts'
import { NO_FIELDS, Shared, detach, fieldSet } from './draft.ts'
import type { Draft, Seen } from './draft.ts'
import { readGraphql } from './graphql.ts'
import { holdsPlanned } from './holds-planned.ts'
import { requestLeaves, responseLeaves } from './leaves.ts'
import type { Leaf } from './leaves.ts'
import { routeOf, splitUrl } from './route.ts'
import { SECRET, hasSecret, tokenize } from './tokens.ts'
import { WordHashes, firstRunHash, mayHoldWord } from './word-hashes.ts'

/** Inside a text, shorter words are not looked at: no form that needs no field's name is shorter. */
const SHORTEST_WORD = 8
const NOTHING: readonly never[] = []

/** Precise to more than a second, or not a time at all: two such texts are not equal by chance. */
function isCoarseTime(draft: { kind: PlannedKind; recorded: string }): boolean {
  return draft.kind === 'time' && !/[.,]\d{3}/.test(draft.recorded) && draft.recorded.length < 30
}

/**
 * Plans a set whose tests are shown one after the other, and none of which is kept: `add` each in recorded order, show
 * those that `unresolved` names again with `resolve`, then take the plan.
 *
 * @example
 * const planner = new BindingPlanner()
 * for (const test of tests) planner.add(test)
 * for (const index of planner.unresolved()) planner.resolve(index, tests[index])
 * const plan = planner.plan()
 */
export class BindingPlanner {
  readonly #drafts = new Map<string, Draft>()
  /** What clients sent before any response showed it, and under which fields. */
  readonly #client = new Map<string, ReadonlySet<string>>()
  /** The test whose response showed a secret first; undefined when a client sent it before. */
  readonly #secretProducers = new Map<string, number | undefined>()
  /** The last request that changed what a path leads to. */
  readonly #changedPaths = new Map<string, number>()
  readonly #dependencies = new Dependencies()
  readonly #seen: Seen[] = []
  readonly #hashes = new WordHashes()
  readonly #shared = new Shared()
  #values: ReadonlyMap<string, PlannedValue> | undefined

  /** Reads the next test. */
  add(test: TestCase): void {
    const index = this.#seen.length
    const method = test.request.method.toUpperCase()
    const { body } = test.request
    const graphql = method === 'POST' && body.type === 'text' ? readGraphql(body.text) : undefined
    // Cut from a copy, so that what is kept of it does not keep the whole file.
    const plain = routeOf(detach(test.request.url))
    const route = graphql === undefined ? plain : { ...plain, aliases: graphql.aliases }
    const safe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || graphql?.changes === false
    requestLeaves(test.request, route, (leaf) => this.#request(leaf, index, safe), graphql)
    this.#samePath(test, index, safe)
    const created = test.response.status === 201
    const creating = (method === 'POST' && !safe) || (!safe && created)
    const context = { creating: creating && test.response.status < 300, at: test.request.timestamp }
    const leaves: Leaf[] = []
    let secret = false
    responseLeaves(test, route, (leaf) => {
      if (created) leaves.push(leaf)
      secret ||= hasSecret(leaf.text)
      this.#hashes.add(leaf.text)
      this.#response(leaf, index, safe, context)
    })
    if (created) this.#confirmByLocation(leaves)
    const hashes = this.#hashes.take()
    this.#seen.push({
      name: detach(test.name),
      route,
      safe,
      at: test.request.timestamp,
      hashes: secret ? undefined : hashes,
      occurrences: NOTHING,
    })
    this.#values = undefined
  }

  /** The tests, by the order in which they were added, whose responses may hold planned values. */
  unresolved(): number[] {
    const wanted = new Set<number>()
    for (const { recorded } of this.#planned().values()) wanted.add(firstRunHash(recorded))
    const found: number[] = []
    for (const [index, { hashes }] of this.#seen.entries()) {
      if (hashes === undefined || (wanted.size > 0 && hashes.some((hash) => wanted.has(hash)))) found.push(index)
    }
    return found
  }

  /** Notes where planned values stand in a test's response. */
  resolve(index: number, test: TestCase): void {
    const seen = this.#seen[index]
    if (seen === undefined) return
    const values = this.#planned()
    const occurrences: Occurrence[] = []
    responseLeaves(test, seen.route, ({ text, where, key, entity }) => {
      if (!holdsPlanned(text, entity, values)) return
      occurrences.push({ text: detach(text), where: this.#shared.get(where), key, entity })
    })
    seen.occurrences = occurrences
  }

  plan(): BindingPlan {
    const tests = new Map<string, PlannedTest>()
    for (const { name, route, safe, at, occurrences } of this.#seen) {
      const texts = occurrences.length === 0 ? NO_FIELDS : new Set(occurrences.map(({ text }) => text))
      tests.set(name, { name, safe, occurrences, texts, route, at })
    }
    const dependencies = this.#dependencies
    const names = this.#seen.map(({ name }) => name)
    const indexes = new Map(names.map((name, index) => [name, index]))
    const nameOf = (index: number): string => names[index] ?? ''
    return {
      values: this.#planned(),
      tests,
      chains: dependencies.groups(names.length).map((group) => group.map(nameOf)),
      producersOf: (test) => {
        const index = indexes.get(typeof test === 'string' ? test : test.name)
        return index === undefined ? [] : dependencies.before(index).map(nameOf)
      },
    }
  }

  #planned(): ReadonlyMap<string, PlannedValue> {
    if (this.#values !== undefined) return this.#values
    const values = new Map<string, PlannedValue>()
    const nameOf = (index: number): string => this.#seen[index]?.name ?? ''
    for (const [key, draft] of this.#drafts) {
      if (!draft.planned) continue
      const { recorded, kind, form, entity, where, clientKeys, storedKeys } = draft
      values.set(key, {
        recorded,
        kind,
        form,
        ...(entity === undefined ? {} : { entity }),
        producer: { test: nameOf(draft.producer), where },
        consumers: draft.consumers?.map(nameOf) ?? NOTHING,
        clientKeys,
        storedKeys,
      })
    }
    this.#values = values
    return values
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
    if (leaf.text.length <= SHORTEST_WORD || !mayHoldWord(leaf.text, SHORTEST_WORD)) return
    for (const word of tokenize(leaf.text).words) {
      if (word.length < SHORTEST_WORD || word === leaf.text) continue
      const draft = this.#drafts.get(word)
      if (draft === undefined) this.#supplied(word, leaf.key)
      else this.#consume(draft, leaf, index, safe, draft.planned)
    }
  }

  #supplied(key: string, field: string | undefined): void {
    const known = this.#client.get(key)
    if (known === undefined) this.#client.set(detach(key), fieldSet(NO_FIELDS, field))
    else this.#client.set(key, fieldSet(known, field))
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
    if (draft.consumers === undefined) draft.consumers = [index]
    else if (draft.consumers.at(-1) !== index) draft.consumers.push(index)
    this.#dependencies.add(index, draft.producer)
    if (draft.touched !== undefined) this.#dependencies.add(index, draft.touched)
    if (!safe) draft.touched = index
  }

  /** What a PUT or DELETE did to a path decides what a later request to the same path finds. */
  #samePath(test: TestCase, index: number, safe: boolean): void {
    if (test.request.method.toUpperCase() === 'POST') return
    const { path } = splitUrl(test.request.url)
    const changed = this.#changedPaths.get(path)
    if (changed !== undefined) this.#dependencies.add(index, changed)
    if (!safe) this.#changedPaths.set(detach(path), index)
  }

  #response(leaf: Leaf, index: number, safe: boolean, context: { creating: boolean; at: number }): void {
    if (hasSecret(leaf.text)) {
      for (const [secret] of leaf.text.matchAll(SECRET)) {
        if (!this.#secretProducers.has(secret)) this.#secretProducers.set(secret, index)
      }
      return
    }
    if (this.#produce(leaf, index, safe, context) || leaf.source === 'path') return
    if (leaf.text.length <= SHORTEST_WORD || !mayHoldWord(leaf.text, SHORTEST_WORD)) return
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
    const recorded = leaf.source === 'json' ? leaf.text : detach(leaf.text)
    this.#drafts.set(valueKey(recorded, entity), {
      recorded,
      kind,
      form,
      entity,
      producer: index,
      where: this.#shared.get(leaf.where),
      firstKey: leaf.key,
      clientKeys,
      storedKeys: safe ? NO_FIELDS : fieldSet(NO_FIELDS, field),
      planned: certain,
      consumers: undefined,
      touched: undefined,
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
}
