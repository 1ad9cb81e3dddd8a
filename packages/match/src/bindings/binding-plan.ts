import type { TestCase } from '@keploy-framework/format'

import type { Route } from './route.ts'

/**
 * How a planned value behaves. `id`: one live value for one recorded value, both ways. `token`: one live value for one
 * recorded value, but two recorded ones may meet the same live one (two logins in one second). `time`: as recorded
 * times can be equal by chance, one recorded time may have several live ones.
 */
export type PlannedKind = 'id' | 'token' | 'time'

/** A recorded value that the service made up, so that a replay shows another in its place. */
export interface PlannedValue {
  readonly recorded: string
  readonly kind: PlannedKind
  /** The generated form, or `value flow` when only its way from a response to a request tells. */
  readonly form: string
  /** For short values and whole numbers: the entity whose id it is (`user`); they are renamed in its positions only. */
  readonly entity?: string
  /** The test whose response showed it first, and where. */
  readonly producer: { readonly test: string; readonly where: string }
  /** The tests whose requests carry it, in order. */
  readonly consumers: readonly string[]
  /** Fields under which a client sent the same text: there it is the client's value, and compared as it stands. */
  readonly clientKeys: ReadonlySet<string>
  /** Fields in which a changing request (anything but GET, HEAD and OPTIONS) answered with it. */
  readonly storedKeys: ReadonlySet<string>
}

/** Where a recorded value stands in a response. */
export interface Position {
  /** For example `body.items[0].id` or `header.Location`. */
  readonly where: string
  /** The name of the field or header. */
  readonly key?: string | undefined
  /** Whose id the field holds, when it is an id. */
  readonly entity?: string | undefined
}

/** A place in a test's expected response where planned values stand. */
export interface Occurrence extends Position {
  /** The whole recorded text of the field, header or word. */
  readonly text: string
}

/** What is known of one test. */
export interface PlannedTest {
  readonly name: string
  /** GET, HEAD or OPTIONS: it changes nothing. */
  readonly safe: boolean
  /** Where planned values stand in its expected response. */
  readonly occurrences: readonly Occurrence[]
  /** The texts of the occurrences, for a quick look. */
  readonly texts: ReadonlySet<string>
  readonly route: Route
  /** Milliseconds since the epoch when it was recorded; 0 when unknown. */
  readonly at: number
}

/** Which recorded values a replay renames, and which tests depend on which. The same for the same tests. */
export interface BindingPlan {
  /** Planned values by their recorded text; those of an entity by entity, NUL and text. */
  readonly values: ReadonlyMap<string, PlannedValue>
  readonly tests: ReadonlyMap<string, PlannedTest>
  /** The tests tied by values, each group in order; tests tied to no other stand alone. */
  readonly chains: readonly (readonly string[])[]
  /** The earlier tests that a test needs, in order: selecting it pulls them in. */
  producersOf(test: TestCase | string): readonly string[]
}
