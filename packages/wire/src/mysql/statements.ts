import type { Value } from '@keploy-framework/format'

import { PacketEnd } from './byte-cursor.ts'
import type { Tree } from './outcome.ts'
import type { ParameterType } from './parameters.ts'

/** A prepared statement of a connection. */
export interface Statement {
  readonly sql: string | Uint8Array
  readonly parameters: number
  readonly columns: readonly Tree[]
  types: readonly ParameterType[]
  /** The parameters of its last execution, which a cursor belongs to. */
  params: readonly Value[]
  /** Parameters that were sent before the execution. */
  readonly long: Map<number, Buffer>
}

/** The id that stands for the statement that was prepared last. */
const LAST = 0xffffffff

/** The prepared statements of one connection. */
export class Statements {
  readonly #byId = new Map<number, Statement>()
  readonly #limit: number
  #last: number | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  add(id: number, statement: Pick<Statement, 'sql' | 'parameters' | 'columns'>): void {
    this.#byId.set(id, { ...statement, types: [], params: [], long: new Map() })
    this.#last = id
  }

  /** Throws `PacketEnd` when there is none. */
  find(id: number): Statement {
    const statement = this.#byId.get(id === LAST ? (this.#last ?? id) : id)
    if (statement === undefined) throw new PacketEnd('a statement that was not prepared')
    return statement
  }

  addLongData(id: number, parameter: number, data: Buffer): void {
    const { long } = this.find(id)
    const before = long.get(parameter)
    const joined = before === undefined ? Buffer.from(data) : Buffer.concat([before, data])
    if (joined.length > this.#limit) throw new PacketEnd('a parameter is too long')
    long.set(parameter, joined)
  }

  delete(id: number): void {
    this.#byId.delete(id)
  }

  clear(): void {
    this.#byId.clear()
  }
}
